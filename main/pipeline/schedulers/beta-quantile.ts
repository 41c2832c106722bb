/**
 * The quantile function of the Beta(a, b) distribution: x with I_x(a, b) = p. The incomplete beta function by its continued
 * fraction (DLMF 8.17.22, evaluated by Lentz's method), its inverse by bisection with Newton steps, to double precision.
 */

const SMALLEST = 1e-300
const MAX_TERMS = 300
const MAX_ROUNDS = 200

export function betaQuantile(p: number, a: number, b: number): number {
  if (p <= 0) return 0
  if (p >= 1) return 1
  const logScale = logGamma(a + b) - logGamma(a) - logGamma(b)
  let low = 0
  let high = 1
  let x = a / (a + b)
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const error = incompleteBeta(x, a, b, logScale) - p
    if (error > 0) high = x
    else low = x
    const density = Math.exp(logScale + (a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x))
    const newton = x - error / density
    const next = newton > low && newton < high ? newton : (low + high) / 2
    if (next === x || Math.abs(next - x) <= 1e-16 * x) return next
    x = next
  }
  return x
}

function incompleteBeta(x: number, a: number, b: number, logScale: number): number {
  const front = Math.exp(logScale + a * Math.log(x) + b * Math.log1p(-x))
  if (x < (a + 1) / (a + b + 2)) return (front * continuedFraction(x, a, b)) / a
  return 1 - (front * continuedFraction(1 - x, b, a)) / b
}

function continuedFraction(x: number, a: number, b: number): number {
  let c = 1
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1))
  let value = d
  for (let m = 1; m < MAX_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / awayFromZero(1 + even * d)
    c = awayFromZero(1 + even / c)
    value *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / awayFromZero(1 + odd * d)
    c = awayFromZero(1 + odd / c)
    value *= d * c
    if (Math.abs(d * c - 1) < 1e-16) break
  }
  return value
}

function awayFromZero(x: number): number {
  return Math.abs(x) < SMALLEST ? SMALLEST : x
}

/** Stirling's series (DLMF 5.11.1), reached from small arguments by Gamma(x + 1) = x Gamma(x). */
function logGamma(x: number): number {
  let shifted = x
  let product = 1
  while (shifted < 15) product *= shifted++
  const inverse = 1 / shifted
  const square = inverse * inverse
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188))))
  return (shifted - 0.5) * Math.log(shifted) - shifted + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product)
}
