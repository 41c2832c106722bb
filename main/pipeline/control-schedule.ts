/** When and how strongly a ControlNet speaks (Zhang et al. 2023, arXiv 2302.05543; diffusers, pipelines/controlnet). */

/** Whether it takes part in step `index` of `count`, when it is on from `start` to `end` (fractions of the steps). */
export function isControlled(index: number, count: number, start: number, end: number): boolean {
  return index / count >= start && (index + 1) / count <= end
}

/** Guess mode: the residuals count 0.1 at the first block and 1 at the last one, on a logarithmic scale. float32. */
export function guessModeScales(residuals: number): Float32Array {
  return Float32Array.from({ length: residuals }, (_, i) => 10 ** (i / (residuals - 1) - 1))
}
