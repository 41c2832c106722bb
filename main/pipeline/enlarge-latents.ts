/**
 * Latents at a larger size, bilinearly, without antialiasing: torch's `interpolate(mode='bilinear', align_corners=False)`,
 * which is what A1111's upscaler "Latent" is.   s = max((t + 1/2) n / m - 1/2, 0)   for target t of m, source of n
 */
import type { FloatTensor } from './tensor.ts'

const { fround } = Math

export function enlargeLatents({ dims, data }: FloatTensor, height: number, width: number): FloatTensor {
  const [rows, channels, fromHeight, fromWidth] = dims
  const down = positions(fromHeight, height)
  const across = positions(fromWidth, width)
  const result = new Float32Array(rows * channels * height * width)
  let i = 0
  for (let plane = 0; plane < rows * channels; plane++) {
    const start = plane * fromHeight * fromWidth
    for (const y of down) {
      const [upper, lower] = [start + y.low * fromWidth, start + y.high * fromWidth]
      for (const x of across) {
        const above = mix(data[upper + x.low], data[upper + x.high], x.share)
        const below = mix(data[lower + x.low], data[lower + x.high], x.share)
        result[i++] = mix(above, below, y.share)
      }
    }
  }
  return { dims: [rows, channels, height, width], data: result }
}

/** Between which two source elements a target element lies, and how near to the second one. */
interface Position {
  low: number
  high: number
  share: number
}

function positions(from: number, to: number): Position[] {
  const step = fround(from / to)
  return Array.from({ length: to }, (_, target) => {
    const at = Math.max(fround(fround((target + 0.5) * step) - 0.5), 0)
    const low = Math.min(Math.floor(at), from - 1)
    return { low, high: Math.min(low + 1, from - 1), share: fround(at - low) }
  })
}

function mix(a: number, b: number, share: number): number {
  return fround(fround(a * fround(1 - share)) + fround(b * share))
}
