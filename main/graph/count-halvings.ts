/** How often a network halves or doubles its picture, read off the names of its weights, which exporters keep. */
import type { OnnxHeader } from './onnx-types.ts'

const BLOCK = /(?:^|\.)(?:down|up)_blocks\.\d+\./
const RESAMPLER = /(?:^|\.)(?:down|up)_blocks\.(\d+)\.(?:down|up)samplers\./

/** A U-Net's way down is its way up again, so the same numbers count once; null when the names tell nothing. */
export function countHalvings({ initializers }: Pick<OnnxHeader, 'initializers'>): number | null {
  const names = initializers.map(({ name }) => name)
  if (!names.some(name => BLOCK.test(name))) return null
  return new Set(names.flatMap(name => RESAMPLER.exec(name)?.[1] ?? [])).size
}
