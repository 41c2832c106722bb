import { cp, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findModels } from '#catalog/find-models'
import { inspectModel } from '../../../../main/catalog/detect/inspect-model.ts'
import * as write from '#test/onnx-writer'

const STARTER = fileURLToPath(new URL('../../../../models/starter', import.meta.url))
const PARTS = ['model_index.json', 'scheduler', 'text_encoder', 'tokenizer', 'unet', 'vae_decoder', 'vae_encoder']

let scratch: string
let folder: string

beforeAll(async () => void (scratch = await mkdtemp(join(tmpdir(), 'easel-inspect-'))))
afterAll(() => rm(scratch, { recursive: true }))
beforeEach(async () => {
  folder = join(scratch, 'model')
  for (const part of PARTS) await cp(join(STARTER, part), join(folder, part), { recursive: true })
})
afterEach(() => rm(folder, { recursive: true }))

describe('the model that comes with Easel', () => {
  it('is usable, and its facts are read from its files', async () => {
    expect(await inspectModel(folder)).toMatchObject({
      usable: true,
      variant: 'base',
      latentChannels: 4,
      vaeFactor: 8,
      sizeMultiple: 32,
    })
  })

  const faults: [string, string, () => Promise<unknown>][] = [
    ['cut off', 'model-corrupt', () => truncate(join(folder, 'unet/model.onnx'), 100_000)],
    ['empty', 'model-corrupt', () => truncate(join(folder, 'vae_decoder/model.onnx'), 0)],
    ['a web page', 'model-corrupt', () => writeFile(join(folder, 'vae_decoder/model.onnx'), '<!DOCTYPE html>')],
    [
      'a git-lfs pointer',
      'model-corrupt',
      () => writeFile(join(folder, 'unet/model.onnx'), 'version https://git-lfs.github.com/spec/v1\nsize 9\n'),
    ],
    [
      'an index that is half there',
      'model-corrupt',
      () => writeFile(join(folder, 'model_index.json'), '{"_class_name": "Sta'),
    ],
    ['a config that is a list', 'model-corrupt', () => writeFile(join(folder, 'unet/config.json'), '[]')],
    ['a vocabulary of words', 'model-corrupt', () => writeFile(join(folder, 'tokenizer/vocab.json'), '{"a": "b"}')],
    [
      'a merge of one piece',
      'model-corrupt',
      () => writeFile(join(folder, 'tokenizer/merges.txt'), '#version: 0.2\na b\none\n'),
    ],
    [
      'a folder in the place of a config',
      'model-corrupt',
      async () => {
        await rm(join(folder, 'unet/config.json'))
        await mkdir(join(folder, 'unet/config.json'))
      },
    ],
    ['an empty list of merges', 'model-corrupt', () => truncate(join(folder, 'tokenizer/merges.txt'), 0)],
    ['half a tokenizer config', 'model-corrupt', () => truncate(join(folder, 'tokenizer/tokenizer_config.json'), 40)],
    ['no tokenizer', 'model-missing', () => rm(join(folder, 'tokenizer'), { recursive: true })],
    ['no U-Net', 'model-missing', () => rm(join(folder, 'unet'), { recursive: true })],
    ['a graph from the future', 'model-incompatible', () => append('vae_encoder/model.onnx', write.opset(99))],
    [
      'an operator of nobody',
      'model-incompatible',
      () =>
        append(
          'vae_encoder/model.onnx',
          write.join(write.graph(write.node('FancyConv', { domain: 'com.example' })), write.opset(1, 'com.example')),
        ),
    ],
  ]
  it.each(faults)('is refused with %s in it', async (_, code, damage) => {
    await damage()
    const verdict = await inspectModel(folder)
    expect(verdict.usable).toBe(false)
    expect(verdict.problems[0]?.code).toBe(code)
    expect(typeof verdict.problems[0]?.details?.['file']).toBe('string')
  })

  it('whose scheduler config has Python infinities is read all the same', async () => {
    const file = join(folder, 'scheduler/scheduler_config.json')
    const config = await readFile(file, 'utf8')
    await writeFile(file, config.replace('{', '{ "lambda_min_clipped": -Infinity,'))
    expect(await inspectModel(folder)).toMatchObject({ usable: true })
  })

  it('is judged anew when one of its files has changed, and only then', async () => {
    const verdicts: Parameters<typeof findModels>[1] = new Map()
    const problemNow = async () => (await findModels([scratch], verdicts))[0]?.summary.problem
    expect(await problemNow()).toBeNull()
    const kept = verdicts.get(folder)?.verdict
    await problemNow()
    expect(verdicts.get(folder)?.verdict).toBe(kept)
    await truncate(join(folder, 'unet/model.onnx'), 1000)
    expect(await problemNow()).toMatchObject({ code: 'model-corrupt' })
  })

  it('gives a verdict, whatever is done to its small files and heads', async () => {
    const files = [
      'model_index.json',
      'scheduler/scheduler_config.json',
      'unet/config.json',
      'tokenizer/vocab.json',
      'vae_encoder/model.onnx',
    ]
    const originals = new Map(
      await Promise.all(files.map(async file => [file, await readFile(join(folder, file))] as const)),
    )
    const damage = fc.record({
      file: fc.constantFrom(...files),
      at: fc.nat(600),
      drop: fc.nat(300),
      add: fc.uint8Array({ maxLength: 20 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), async damages => {
        for (const { file, at, drop, add } of damages) {
          const bytes = originals.get(file) ?? new Uint8Array()
          await writeFile(join(folder, file), Buffer.concat([bytes.subarray(0, at), add, bytes.subarray(at + drop)]))
        }
        const verdict = await inspectModel(folder)
        expect(verdict.usable).toBe(verdict.problems.length === 0)
        for (const [file, bytes] of originals) await writeFile(join(folder, file), bytes)
      }),
      { numRuns: 60 },
    )
  })
})

/** Protobuf messages that follow each other are one message: what is appended is added to the graph. */
async function append(file: string, bytes: Uint8Array): Promise<void> {
  const path = join(folder, file)
  await writeFile(path, Buffer.concat([await readFile(path), bytes]))
}
