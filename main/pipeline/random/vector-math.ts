/**
 * Natural logarithm, sine and cosine in float32, rounded as torch's AVX2 normal kernel rounds them, not as libm does.
 * The polynomials are those of Cephes (logf, sinf, cosf; netlib.org/cephes); each product that is followed by a sum is
 * one fused multiply-add there, because torch is compiled with contraction.
 *
 * `fround(a * b + c)` in doubles is that fused operation unless the exact sum falls so close to a tie of two floats that
 * the double already lands on it. For every uniform the generator can give (all 2 ** 24 of them, as u1 and as u2) the
 * results were compared with an exact one: it never does. normal-kernel.ts has the same formulas for large draws.
 */

const { fround, trunc } = Math

export const LOG = [
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
  2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
].map(fround)
export const SQRT_HALF = fround(Math.SQRT1_2)
/** ln 2 in two parts. */
export const LN2_HIGH = fround(0.693359375)
export const LN2_LOW = fround(-2.1219444e-4)

export const SIN = [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1].map(fround)
export const COS = [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2].map(fround)
export const TWO_PI = fround(2 * Math.PI)
export const FOUR_OVER_PI = fround(4 / Math.PI)
/** -pi/4 in three parts. */
export const QUARTER_TURN = [-0.78515625, -2.4187564849853515625e-4, -3.77489497744594108e-8].map(fround)

const UNIT_BITS = 24
/** 2 ** -n */
const POWERS = Float64Array.from({ length: UNIT_BITS + 2 }, (_, n) => 2 ** -n)

/** ln(u) = e ln 2 + ln(1 + x) with sqrt(1/2) <= 1 + x < sqrt(2); for u = k / 2 ** 24, k = 1 .. 2 ** 24. */
export function logOfUnit(u: number): number {
  const k = u * 2 ** UNIT_BITS
  const bits = 32 - Math.clz32(k)
  let e = bits - UNIT_BITS
  const m = k * POWERS[bits] // in [0.5, 1)
  let x = fround(m - 1)
  if (m < SQRT_HALF) {
    e -= 1
    x = fround(x + m)
  }
  const z = fround(x * x)
  let y = LOG[0]
  for (let i = 1; i < LOG.length; i++) y = fround(y * x + LOG[i])
  y = fround(fround(y * x) * z + fround(e * LN2_LOW))
  y = fround(y - z * 0.5)
  return fround(e * LN2_HIGH + fround(x + y))
}

/** Writes sin(theta) to out[0] and cos(theta) to out[1]; theta from 0 to 2 pi, float32. */
export function sinCosFloat32(theta: number, out: Float32Array): void {
  const octant = (trunc(fround(theta * FOUR_OVER_PI)) + 1) & ~1
  let x = fround(octant * QUARTER_TURN[0] + theta)
  x = fround(octant * QUARTER_TURN[1] + x)
  x = fround(octant * QUARTER_TURN[2] + x)
  const z = fround(x * x)
  let c = fround(COS[0] * z + COS[1])
  c = fround(fround(c * z + COS[2]) * z)
  c = fround(fround(c * z - fround(z * 0.5)) + 1)
  let s = fround(SIN[0] * z + SIN[1])
  s = fround(fround(s * z + SIN[2]) * z)
  s = fround(s * x + x)
  const swapped = (octant & 2) !== 0
  const sine = swapped ? c : s
  const cosine = swapped ? s : c
  out[0] = octant & 4 ? -sine : sine
  out[1] = (octant + 2) & 4 ? -cosine : cosine
}
