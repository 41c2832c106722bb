/**
 * Arithmetic over latents: linear combinations in float32, each product and each sum rounded as torch rounds them on a CPU,
 * from left to right. Coefficients are float32 values. Every function returns a new array of the first operand's length.
 */

const { fround } = Math

/** a x */
export function scaled(a: number, x: Float32Array): Float32Array {
  const out = new Float32Array(x.length)
  for (let i = 0; i < out.length; i++) out[i] = a * x[i]
  return out
}

/** x / d, which is not the same float32 as x (1 / d). */
export function divided(x: Float32Array, d: number): Float32Array {
  const out = new Float32Array(x.length)
  for (let i = 0; i < out.length; i++) out[i] = x[i] / d
  return out
}

/** a x + b y */
export function combine2(a: number, x: Float32Array, b: number, y: Float32Array): Float32Array {
  const out = new Float32Array(x.length)
  for (let i = 0; i < out.length; i++) out[i] = fround(a * x[i]) + fround(b * y[i])
  return out
}

/** a x + b y + c z */
export function combine3(
  a: number,
  x: Float32Array,
  b: number,
  y: Float32Array,
  c: number,
  z: Float32Array,
): Float32Array {
  const out = new Float32Array(x.length)
  for (let i = 0; i < out.length; i++) out[i] = fround(fround(a * x[i]) + fround(b * y[i])) + fround(c * z[i])
  return out
}

/** c (x - y) */
export function scaledDifference(c: number, x: Float32Array, y: Float32Array): Float32Array {
  const out = new Float32Array(x.length)
  for (let i = 0; i < out.length; i++) out[i] = c * fround(x[i] - y[i])
  return out
}

/** (a x - b y) / d */
export function differenceQuotient(a: number, x: Float32Array, b: number, y: Float32Array, d: number): Float32Array {
  const out = new Float32Array(x.length)
  for (let i = 0; i < out.length; i++) out[i] = fround(fround(a * x[i]) - fround(b * y[i])) / d
  return out
}

/** (x - x0) / sigma: the derivative dx / dsigma of the probability flow. */
export function derivativeOf(x: Float32Array, clean: Float32Array, sigma: number): Float32Array {
  const out = new Float32Array(x.length)
  for (let i = 0; i < out.length; i++) out[i] = fround(x[i] - clean[i]) / sigma
  return out
}

/** x + slope dt */
export function alongSlope(x: Float32Array, slope: Float32Array, dt: number): Float32Array {
  const out = new Float32Array(x.length)
  for (let i = 0; i < out.length; i++) out[i] = x[i] + fround(slope[i] * dt)
  return out
}

/** x + (x - x0) / sigma dt */
export function eulerStep(x: Float32Array, clean: Float32Array, sigma: number, dt: number): Float32Array {
  const out = new Float32Array(x.length)
  for (let i = 0; i < out.length; i++) out[i] = x[i] + fround(fround(fround(x[i] - clean[i]) / sigma) * dt)
  return out
}

/** target += c x, in place: for a term that only some settings have. */
export function addScaled(target: Float32Array, c: number, x: Float32Array): Float32Array {
  for (let i = 0; i < target.length; i++) target[i] += fround(c * x[i])
  return target
}

/** min(max(x, -limit), limit), in place. */
export function clampInPlace(x: Float32Array, limit: number): Float32Array {
  for (let i = 0; i < x.length; i++) {
    if (x[i] > limit) x[i] = limit
    else if (x[i] < -limit) x[i] = -limit
  }
  return x
}
