/** Decoders told apart, or found to be one, by parts of their files. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { sampleDecoder } from '#catalog/decoder-samples'
import { scratchFolder } from '#test/scratch-folder'

const BYTES = 200_000

async function model(change: (bytes: Uint8Array) => Uint8Array = bytes => bytes): Promise<string> {
  const folder = await scratchFolder()
  await mkdir(join(folder, 'vae_decoder'))
  const bytes = change(Uint8Array.from({ length: BYTES }, (_, i) => (i * 31 + (i >> 8)) & 255))
  await writeFile(join(folder, 'vae_decoder/model.onnx'), bytes)
  await writeFile(join(folder, 'vae_decoder/config.json'), folder)
  return folder
}

it('finds a copy of a decoder to be the same one, whatever its config says', async () => {
  expect(await sampleDecoder(await model())).toBe(await sampleDecoder(await model()))
})

it.each([
  { what: 'other weights', change: (bytes: Uint8Array) => bytes.map(byte => byte ^ 1) },
  { what: 'another last byte', change: (bytes: Uint8Array) => bytes.map((byte, i) => (i === BYTES - 1 ? 7 : byte)) },
  { what: 'another size', change: (bytes: Uint8Array) => bytes.subarray(1) },
])('tells a decoder with $what from it', async ({ change }) => {
  expect(await sampleDecoder(await model(change))).not.toBe(await sampleDecoder(await model()))
})

it('says nothing of a folder without a decoder', async () => {
  expect(await sampleDecoder(await scratchFolder())).toBeNull()
})
