/**
 * Guidance that was distilled into the model: the scale is one of its inputs and no second prediction is needed.
 * Latent consistency models take the features below of w = guidance - 1 as `timestep_cond` (Luo et al. 2023, arXiv
 * 2310.04378; the features of Vaswani et al. 2017, arXiv 1706.03762, section 3.5); FLUX takes the number as it is.
 *   f_i = 10000^(-i / (d/2 - 1)),   [sin(1000 w f_i), cos(1000 w f_i)],   i = 0 .. d/2 - 1
 */

const { fround } = Math
const LONGEST_PERIOD = 10_000
const TIMES = 1000

/** The features of one guidance scale, [dim]. Products are float32, as a float32 argument of thousands is wrapped by sin. */
export function embedGuidance(guidance: number, dim: number): Float32Array {
  const half = Math.floor(dim / 2)
  const decay = fround(-fround(Math.log(LONGEST_PERIOD)) / (half - 1))
  const w = fround(fround(guidance - 1) * TIMES)
  const features = new Float32Array(dim) // an odd dim ends in 0
  for (let i = 0; i < half; i++) {
    const angle = fround(w * fround(Math.exp(fround(i * decay))))
    features[i] = Math.sin(angle)
    features[half + i] = Math.cos(angle)
  }
  return features
}
