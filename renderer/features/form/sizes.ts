/** Good sizes for a model: near the area that it was trained on, in the shape that is wanted, on its own multiples. */
import { LIMITS } from '#contract/generation'
import type { ModelSummary } from '#contract/models'

export const ASPECTS = [
  { id: '1:1', ratio: 1 },
  { id: '3:4', ratio: 3 / 4 },
  { id: '4:3', ratio: 4 / 3 },
  { id: '9:16', ratio: 9 / 16 },
  { id: '16:9', ratio: 16 / 9 },
] as const
export type AspectId = (typeof ASPECTS)[number]['id']

export interface Size {
  height: number
  width: number
}

/** How much less a wrong area hurts than a wrong shape, both measured as logarithms of a ratio. */
const AREA_WEIGHT = 0.35

/** The size on the grid of `multiple` that misses shape and area least. */
export function sizeForAspect(ratio: number, area: number, multiple: number): Size {
  const { min, max } = LIMITS.size
  const middle = Math.round(Math.sqrt(area * ratio) / multiple)
  let best: (Size & { cost: number }) | undefined
  for (let columns = Math.max(1, middle - 4); columns <= middle + 4; columns += 1) {
    const width = columns * multiple
    for (const rows of new Set([Math.floor(width / ratio / multiple), Math.ceil(width / ratio / multiple)])) {
      const height = rows * multiple
      if (Math.min(width, height) < min || Math.max(width, height) > max) continue
      const cost =
        Math.abs(Math.log(width / height / ratio)) + AREA_WEIGHT * Math.abs(Math.log((width * height) / area))
      if (best === undefined || cost < best.cost - 1e-9) best = { height, width, cost }
    }
  }
  const side = Math.min(Math.max(multiple, min), max)
  return best === undefined ? { height: side, width: side } : { height: best.height, width: best.width }
}

export function modelArea(model: ModelSummary | null, fallback: Size): number {
  const [height, width] = model?.nativeSize ?? [fallback.height, fallback.width]
  return height * width
}

/** The size at which the model really draws, which is cropped to what was asked. */
export function renderedSize({ height, width }: Size, multiple: number): Size {
  return { height: Math.ceil(height / multiple) * multiple, width: Math.ceil(width / multiple) * multiple }
}
