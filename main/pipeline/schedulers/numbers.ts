/** The numpy calls of the reference whose rounding decides a schedule, in doubles. */

/** To the nearest whole number, halves to the even one. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x)
  const rest = x - floor
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1
  return floor % 2 === 0 ? floor : floor + 1
}

/** `count` values from start to end; the last one is exactly `end`. */
export function linspace(start: number, end: number, count: number): Float64Array {
  const step = (end - start) / (count - 1)
  const values = Float64Array.from({ length: count }, (_, i) => (i === 0 ? start : i * step + start))
  if (count > 1) values[count - 1] = end
  return values
}

/** start, start + step, ... up to but without `end`; like numpy's, float error can give one value more than expected. */
export function arange(start: number, end: number, step: number): Float64Array {
  const delta = start + step - start
  return Float64Array.from({ length: Math.max(Math.ceil((end - start) / step), 0) }, (_, i) => start + i * delta)
}

/** values at position x of 0, 1, 2, ...; linear between them, constant outside. */
export function interpolate(values: Float32Array, x: number): number {
  const last = values.length - 1
  if (x <= 0) return values[0]
  if (x >= last) return values[last]
  const low = Math.floor(x)
  return (values[low + 1] - values[low]) * (x - low) + values[low]
}

export function toFloat32(values: Float64Array): Float64Array {
  return values.map(Math.fround)
}

/** Numerator and denominator, from the constant up, of the rational approximation below. */
const LOG_P = [
  0, 9.999999999999998702752e-1, 2.112677543073053063722, 1.480000633576506585156, 3.808837741388407920751e-1,
]
const LOG_P5 = 2.589979117907922693523e-2
const LOG_Q = [
  1, 2.612677543073109236779, 2.453006071784736363091, 9.864942958519418960339e-1, 1.546476374983906719538e-1,
]
const LOG_Q5 = 5.87509540312457434295e-3
const SQRT2_FLOAT32 = Math.fround(Math.SQRT2)
const LN2_FLOAT32 = Math.fround(Math.LN2)

/**
 * log(x) of a positive float32 to the bit as numpy's vector kernel has it, which is off by an ulp in one of twelve: log(1 + m) is
 * P(m) / Q(m) with fused multiply-adds, plus the exponent's share. Multistep samplers cut timesteps to whole numbers, and a
 * timestep that is 998.99999 instead of 999 becomes 998.
 */
export function logFloat32(x: number): number {
  if (x === 0) return -Infinity
  const { fround } = Math
  let exponent = Math.floor(Math.log2(x))
  let mantissa = x / 2 ** exponent
  if (mantissa >= 2 || mantissa < 1) exponent += mantissa < 1 ? -1 : 1
  mantissa = x / 2 ** exponent
  if (mantissa > SQRT2_FLOAT32) {
    mantissa /= 2
    exponent++
  }
  const m = fround(mantissa - 1)
  let p = fround(LOG_P5)
  let q = fround(LOG_Q5)
  for (let i = LOG_P.length - 1; i >= 0; i--) {
    p = fround(p * m + fround(LOG_P[i]))
    q = fround(q * m + fround(LOG_Q[i]))
  }
  return fround(exponent * LN2_FLOAT32 + fround(p / q))
}
