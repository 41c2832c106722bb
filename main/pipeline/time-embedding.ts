/**
 * Sinusoidal features of a number: how a denoiser is told the time (Vaswani et al. 2017, arXiv 1706.03762, section 3.5;
 * diffusers' `get_timestep_embedding`). Exported graphs compute them inside; outside they are needed where a scale is
 * embedded the same way, and to read a graph's time input.
 *   f_i = 10000^(-i / (d/2 - shift)),   [sin(t f_i), cos(t f_i)] or [cos, sin],   i = 0 .. d/2 - 1
 * float32 in diffusers' order: sin wraps arguments of thousands, so their last bit shows.
 */

const { fround } = Math
const LONGEST_PERIOD = 10_000

export interface SinusoidOptions {
  dim: number
  cosineFirst: boolean
  /** 0 or 1: whether the last frequency is a step short of 1/10000 or exactly that. */
  shift: number
}

/** [dim]; an odd dim ends in 0. */
export function embedTime(time: number, { dim, cosineFirst, shift }: SinusoidOptions): Float32Array {
  const half = Math.floor(dim / 2)
  const t = fround(time)
  const features = new Float32Array(dim)
  const [sineStart, cosineStart] = cosineFirst ? [half, 0] : [0, half]
  for (let i = 0; i < half; i++) {
    const exponent = fround(fround(fround(-Math.log(LONGEST_PERIOD)) * i) / (half - shift))
    const angle = fround(t * fround(Math.exp(exponent)))
    features[sineStart + i] = Math.sin(angle)
    features[cosineStart + i] = Math.cos(angle)
  }
  return features
}
