/**
 * A step of UniPC over the latents, in one pass: what the coefficients of unipc-coefficients.ts weigh.
 *   x' = scale x + clean m0 + bend sum_k rho_k (m_k - m0) / r_k
 * Each product, difference and sum is rounded to float32 in the reference's order.
 */
import { combine3 } from './kernels.ts'

export interface Transfer {
  /** Of the sample. */
  scale: number
  /** Of the newest output. */
  clean: number
  /** Of the sum of differences. */
  bend: number
}

export interface Difference {
  rho: number
  output: Float32Array
  ratio: number
}

const { fround } = Math

export function differencesOf(
  rhos: readonly number[],
  outputs: readonly Float32Array[],
  ratios: readonly number[],
): Difference[] {
  return rhos.map((rho, k) => ({ rho, output: outputs[k], ratio: ratios[k] }))
}

export function transferred(
  transfer: Transfer,
  sample: Float32Array,
  newest: Float32Array,
  differences: readonly Difference[],
): Float32Array {
  const [first, second, third] = differences
  switch (differences.length) {
    case 1:
      return withOne(transfer, sample, newest, first)
    case 2:
      return withTwo(transfer, sample, newest, first, second)
    case 3:
      return withThree(transfer, sample, newest, [first, second, third])
    default:
      return withMany(transfer, sample, newest, differences)
  }
}

function withOne(
  { scale, clean, bend }: Transfer,
  x: Float32Array,
  m0: Float32Array,
  { rho, output, ratio }: Difference,
): Float32Array {
  const out = new Float32Array(x.length)
  for (let i = 0; i < out.length; i++) {
    const newest = m0[i]
    const sum = fround(rho * fround(fround(output[i] - newest) / ratio))
    out[i] = fround(fround(scale * x[i]) + fround(clean * newest)) + fround(bend * sum)
  }
  return out
}

function withTwo(
  { scale, clean, bend }: Transfer,
  x: Float32Array,
  m0: Float32Array,
  a: Difference,
  b: Difference,
): Float32Array {
  const { rho: rhoA, output: m1, ratio: ratioA } = a
  const { rho: rhoB, output: m2, ratio: ratioB } = b
  const out = new Float32Array(x.length)
  for (let i = 0; i < out.length; i++) {
    const newest = m0[i]
    const first = fround(rhoA * fround(fround(m1[i] - newest) / ratioA))
    const sum = fround(first + fround(rhoB * fround(fround(m2[i] - newest) / ratioB)))
    out[i] = fround(fround(scale * x[i]) + fround(clean * newest)) + fround(bend * sum)
  }
  return out
}

function withThree(
  { scale, clean, bend }: Transfer,
  x: Float32Array,
  m0: Float32Array,
  [a, b, c]: readonly [Difference, Difference, Difference],
): Float32Array {
  const { rho: rhoA, output: m1, ratio: ratioA } = a
  const { rho: rhoB, output: m2, ratio: ratioB } = b
  const { rho: rhoC, output: m3, ratio: ratioC } = c
  const out = new Float32Array(x.length)
  for (let i = 0; i < out.length; i++) {
    const newest = m0[i]
    const first = fround(rhoA * fround(fround(m1[i] - newest) / ratioA))
    const both = fround(first + fround(rhoB * fround(fround(m2[i] - newest) / ratioB)))
    const sum = fround(both + fround(rhoC * fround(fround(m3[i] - newest) / ratioC)))
    out[i] = fround(fround(scale * x[i]) + fround(clean * newest)) + fround(bend * sum)
  }
  return out
}

/** The orders above 3, which nobody recommends, in a pass a difference. */
function withMany(
  { scale, clean, bend }: Transfer,
  x: Float32Array,
  m0: Float32Array,
  differences: readonly Difference[],
): Float32Array {
  const sum = new Float32Array(x.length)
  for (const { rho, output, ratio } of differences) {
    for (let i = 0; i < sum.length; i++) sum[i] += fround(rho * fround(fround(output[i] - m0[i]) / ratio))
  }
  return combine3(scale, x, clean, m0, bend, sum)
}
