/**
 * A Stable Diffusion 1 checkpoint in one file that needs no hints: the names of the tiny fixture, its channels multiplied to
 * what the family's constants divide (32 groups, 8 heads, heads of 64), random weights of a fixed seed, float16.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CLIP_VOCABULARY } from '#graph/checkpoint/file-configs'
import { readSafetensorsHeader } from '#graph/safetensors'
import { withFileSource } from '#graph/byte-source'
import { toSafetensors, type FloatArray } from './safetensors.ts'

const TINY = join(import.meta.dirname, '../fixtures/checkpoints/tiny-sd15/tiny-sd15-fp16.safetensors')
const UNET = 'model.diffusion_model.'
const VAE = 'first_stage_model.'
const TEXT = 'cond_stage_model.'
/** Widths of the tiny model that stand for latents and colours, which are no channels of a block. */
const ENDS: Readonly<Record<string, readonly number[]>> = {
  [`${VAE}decoder.conv_in.weight`]: [64, 4, 3, 3],
  [`${VAE}decoder.conv_out.weight`]: [3, 32, 3, 3],
  [`${VAE}encoder.conv_in.weight`]: [32, 3, 3, 3],
  [`${VAE}encoder.conv_out.weight`]: [8, 64, 3, 3],
  [`${VAE}encoder.conv_out.bias`]: [8],
  [`${TEXT}transformer.text_model.embeddings.token_embedding.weight`]: [CLIP_VOCABULARY, 64],
}

/** Writes it to this path. */
export async function writePlainCheckpoint(path: string): Promise<void> {
  const header = await withFileSource(TINY, TINY, readSafetensorsHeader)
  const random = lowBits(7)
  const arrays: Record<string, FloatArray> = {}
  for (const [name, { dims }] of header) {
    const isPart = [UNET, VAE, TEXT].some(prefix => name.startsWith(prefix))
    if (isPart && dims.length > 0 && !name.endsWith('position_ids'))
      arrays[name] = weights(name, widened(name, dims), random)
  }
  await writeFile(path, toSafetensors(arrays))
}

function widened(name: string, dims: readonly number[]): readonly number[] {
  if (name.includes('quant_conv')) return dims
  if (ENDS[name] !== undefined) return ENDS[name]
  const [from, factor] = name.startsWith(VAE) ? [4, 8] : [8, 4]
  return dims.map(size => (size >= from && size !== 77 ? size * factor : size))
}

/** Norms pass on what comes; the others keep its size. */
function weights(name: string, dims: readonly number[], random: () => number): FloatArray {
  const count = dims.reduce((product, size) => product * size, 1)
  const inputs = count / (dims[0] ?? 1)
  const scale = name.endsWith('bias') ? 0.02 : Math.sqrt(3 / inputs)
  const isNorm = dims.length === 1 && !name.endsWith('bias')
  const values = Float16Array.from({ length: count }, () => (isNorm ? 1 : random() * scale))
  return { dims, data: new Uint16Array(values.buffer), dtype: 'F16' }
}

/** From -1 to 1, the same each time. */
function lowBits(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return state / 2 ** 31
  }
}
