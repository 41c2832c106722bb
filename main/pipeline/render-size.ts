/** Which size is rendered when this one is asked for: the next one that the graphs can do; the caller crops. */
import { invalidInput } from '#contract/parse'
import type { Size } from './latents.ts'

export interface SizeLimits {
  sizeMultiple: number
  /** Of graphs with fixed shapes: the only size. */
  fixedSize: Size | null
}

/** Throws `invalid-input` naming width or height when the graph's one size is too small. */
export function renderSize(asked: Size, { sizeMultiple, fixedSize }: SizeLimits): Size {
  if (fixedSize === null) {
    const up = (side: number): number => Math.ceil(side / sizeMultiple) * sizeMultiple
    return { height: up(asked.height), width: up(asked.width) }
  }
  const tooLarge = (['width', 'height'] as const).filter(side => asked[side] > fixedSize[side])
  if (tooLarge.length === 0) return fixedSize
  throw invalidInput(
    tooLarge.map(side => ({
      path: side,
      value: String(asked[side]),
      allowed: `at most ${fixedSize[side]}: this model's graphs have a fixed size`,
    })),
  )
}
