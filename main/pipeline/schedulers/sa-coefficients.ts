/**
 * Coefficients of SA-Solver: integrals of Lagrange polynomials in lambda, through the known levels, against the exponential
 * weight of a step from s to t. In float32 like the reference's, because their differences lose digits that count.
 *
 *   data prediction   integral of lambda^k e^(lambda (1 + tau^2)) d lambda,   noise prediction   of lambda^k e^-lambda
 *
 * Xue et al. 2023 (arXiv 2309.05019), section 5.2 and appendix E.
 */

const { fround, exp } = Math

export interface Interval {
  /** lambda where the step begins and ends. */
  start: number
  end: number
}

/** One coefficient a known level, newest first; `lambdas` are those levels'. */
export function solverCoefficients(
  interval: Interval,
  lambdas: readonly number[],
  tau: number,
  onData: boolean,
): number[] {
  const order = lambdas.length
  const integrals = Array.from({ length: order }, (_, power) =>
    onData ? positiveIntegral(power, interval, tau) : negativeIntegral(power, interval),
  )
  return lambdas.map((_, i) => {
    const polynomial = lagrangeCoefficients(lambdas, i)
    // From the highest power down, as the reference sums them.
    return polynomial.reduce((sum, c, j) => fround(sum + fround(c * integrals[order - 1 - j])), 0)
  })
}

/** e^-end (P(start) e^(end - start) - P(end)), P_k(x) = x^k + k P_{k-1}(x) */
function negativeIntegral(power: number, { start, end }: Interval): number {
  const growth = fround(exp(fround(end - start)))
  const difference = fround(fround(factorialPolynomial(power, start, 1) * growth) - factorialPolynomial(power, end, 1))
  return fround(fround(exp(-end)) * difference)
}

/** e^(c end) (Q(c end) - Q(c start) e^-(c end - c start)) / c^(k+1), c = 1 + tau^2, Q_k(x) = x^k - k Q_{k-1}(x) */
function positiveIntegral(power: number, { start, end }: Interval, tau: number): number {
  const c = 1 + tau * tau
  const from = fround(c * start)
  const to = fround(c * end)
  const decay = fround(exp(-fround(to - from)))
  const atEnd = factorialPolynomial(power, to, -1)
  const difference = fround(atEnd - fround(factorialPolynomial(power, from, -1) * decay))
  return fround(fround(fround(exp(to)) * difference) / c ** (power + 1))
}

/** sum over j of sign^j k! / (k - j)! x^(k - j), from the highest power down. */
function factorialPolynomial(power: number, x: number, sign: 1 | -1): number {
  let sum = 0
  let factor = 1
  for (let j = 0; j <= power; j++) {
    sum = fround(sum + fround(factor * powerOf(x, power - j)))
    factor *= sign * (power - j)
  }
  return sum
}

/** Coefficients of the i-th Lagrange polynomial through these points, from the highest power down. */
function lagrangeCoefficients(points: readonly number[], i: number): number[] {
  const others = points.filter((_, k) => k !== i)
  const denominator = others.reduce((product, x) => fround(product * fround(points[i] - x)), 1)
  return monicCoefficients(others).map(c => fround(c / denominator))
}

/** Whole powers by repeated multiplication, as torch has them. */
function powerOf(x: number, exponent: number): number {
  let product = 1
  for (let i = 0; i < exponent; i++) product = fround(product * x)
  return product
}

/** (x - a) (x - b) (x - c) multiplied out, from the highest power down; for none to three roots. */
function monicCoefficients([a, b, c]: readonly number[]): number[] {
  if (a === undefined) return [1]
  if (b === undefined) return [1, -a]
  if (c === undefined) return [1, fround(-a - b), fround(a * b)]
  const pairs = fround(fround(fround(a * b) + fround(a * c)) + fround(b * c))
  return [1, fround(fround(-a - b) - c), pairs, -fround(fround(a * b) * c)]
}
