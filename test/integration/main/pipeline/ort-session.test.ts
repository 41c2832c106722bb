/** ONNX Runtime behind the Session port, on the starter's and a tiny model's graphs. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createOrtSession } from '#pipeline/ort-session'
import type { Session } from '#pipeline/session'
import { STARTER_FOLDER } from '#test/starter-job'

const OPTIONS = { threads: 1, weightBytes: 0 }
let folder: string
let encoder: Session
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-ort-'))
  encoder = await createOrtSession(join(STARTER_FOLDER, 'text_encoder/model.onnx'), OPTIONS)
})
afterAll(async () => {
  await encoder.release()
  await rm(folder, { recursive: true, force: true })
})

describe('a session of ONNX Runtime', () => {
  it('says what the graph takes and gives', () => {
    expect(encoder.inputs.map(({ name, dtype, shape }) => [name, dtype, shape.length])).toEqual([
      ['input_ids', 'int64', 2],
    ])
    expect(encoder.outputs.map(({ name }) => name)).toContain('last_hidden_state')
  })

  it('names the input that it is not given', async () => {
    await expect(
      encoder.run({ ids: { dtype: 'int64', dims: [1, 1], data: BigInt64Array.of(1n) } }),
    ).rejects.toMatchObject({
      code: 'model-incompatible',
      details: { tensor: 'input_ids' },
    })
  })

  it.each([
    ['nothing', '', 'model-corrupt'],
    ['a page of HTML', '<!DOCTYPE html><title>404</title>', 'model-corrupt'],
    ['a pointer of git-lfs', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n', 'model-corrupt'],
  ])('refuses a file that holds %s', async (_, content, code) => {
    const file = join(folder, 'model.onnx')
    await writeFile(file, content)
    await expect(createOrtSession(file, OPTIONS)).rejects.toMatchObject({ code, details: { file } })
  })

  it('says that a file is not there', async () => {
    const file = join(folder, 'none.onnx')
    await expect(createOrtSession(file, OPTIONS)).rejects.toMatchObject({ code: 'model-missing', details: { file } })
  })
})
