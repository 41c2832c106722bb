/**
 * What SDXL is told about sizes and taste beside the prompt, as the graph's `time_ids` (Podell et al. 2023, arXiv
 * 2307.01952, section 2.2): the base model reads six numbers, the refiner five with an aesthetic score at the end.
 */

/** Height before width. */
type HeightWidth = readonly [number, number]

export interface SizeConditions {
  original: HeightWidth
  /** Top left corner of the crop, [top, left]. */
  crop: HeightWidth
  target: HeightWidth
}

export function baseTimeIds({ original, crop, target }: SizeConditions): number[] {
  return [...original, ...crop, ...target]
}

/** diffusers' scores: 6.0 for the prompt, 2.5 for the negative prompt. */
export function refinerTimeIds({ original, crop }: Omit<SizeConditions, 'target'>, aestheticScore: number): number[] {
  return [...original, ...crop, aestheticScore]
}
