/** A checkpoint that was put into the models folder as it is, among others: listed, judged and hashed. */
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { inspectModel } from '#catalog/detect/inspect-model'
import { findModels } from '#catalog/find-models'
import { scratchFolder } from '#test/scratch-folder'
import { createModelHashes } from '#services/model-hashes'
import { createSilentLog } from '#test/silent-log'
import { ROOT } from '#test/test-app'

const CHECKPOINT = join(ROOT, 'test/fixtures/checkpoints/tiny-sd15')

it('a file that is no checkpoint is listed with the reason, a folder of that name is none', async () => {
  const models = await scratchFolder()
  await copyFile(join(CHECKPOINT, 'lora/peft_r8_fp16.safetensors'), join(models, 'lora.safetensors'))
  await mkdir(join(models, 'empty.safetensors'))
  const found = await findModels([models])
  expect(found.map(({ summary }) => [summary.id, summary.problem?.message])).toEqual([
    ['lora', expect.stringContaining('lora.safetensors is no checkpoint of Stable Diffusion 1, 2 or XL') as string],
  ])
  await expect(inspectModel(join(models, 'none.safetensors'))).rejects.toMatchObject({ code: 'not-found' })
})

it('a bare checkpoint is read as far as its family goes: the widths of the tiny one, which needs hints.json, are told', async () => {
  const models = await scratchFolder()
  const file = join(models, 'my model.safetensors')
  await copyFile(join(CHECKPOINT, 'tiny-sd15-fp16.safetensors'), file)
  const [found] = await findModels([models])
  expect(found).toMatchObject({ folder: file, summary: { id: 'my-model', name: 'my model' } })
  expect((await inspectModel(file)).problems[0]).toMatchObject({
    code: 'model-incompatible',
    details: { tensor: 'num_attention_heads', expected: 'a divisor of 16' },
  })
})

it('a bare checkpoint has the identity of a folder with this one file', async () => {
  const [models, folder] = [await scratchFolder(), await scratchFolder()]
  for (const place of [models, folder])
    await copyFile(join(CHECKPOINT, 'tiny-sd15-fp16.safetensors'), join(place, 'own.safetensors'))
  const hashes = createModelHashes(join(models, 'hashes.json'), createSilentLog())
  const { signal } = new AbortController()
  const file = join(models, 'own.safetensors')
  expect(await hashes.find(file)).toBeNull()
  expect(await hashes.ofModel(file, signal)).toBe(await hashes.ofModel(folder, signal))
  expect(await hashes.find(file)).toBe(await hashes.ofModel(file, signal))
})
