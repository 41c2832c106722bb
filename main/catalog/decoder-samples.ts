/**
 * Whether two models have the very same decoder, told without reading all of it: sizes, and small parts spread over the
 * files. Decoders that were trained apart differ in nearly every byte; distilled models are shipped with a copy.
 */
import { createHash } from 'node:crypto'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'

const DECODER = 'vae_decoder'
const PARTS = 8
const PART_BYTES = 4096

/** One string, the same for equal decoders; null where the folder has no `vae_decoder` of its own. */
export async function sampleDecoder(folder: string): Promise<string | null> {
  const names = await readdir(join(folder, DECODER)).catch(() => [])
  const weights = names.filter(name => !name.endsWith('.json')).sort()
  if (weights.length === 0) return null
  const hash = createHash('sha256')
  for (const name of weights) {
    const file = await open(join(folder, DECODER, name)).catch(() => null)
    if (file === null) return null
    try {
      const { size } = await file.stat()
      hash.update(`${name} ${size}\n`)
      for (let part = 0; part < PARTS; part++) {
        const at = Math.floor((part * Math.max(0, size - PART_BYTES)) / (PARTS - 1))
        const { buffer, bytesRead } = await file.read(Buffer.alloc(PART_BYTES), 0, PART_BYTES, at)
        hash.update(buffer.subarray(0, bytesRead))
      }
    } finally {
      await file.close()
    }
  }
  return hash.digest('hex')
}
