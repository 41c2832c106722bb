/**
 * One update of DPM-Solver(++) from the newest known level to the next, in the order that the number of known outputs gives.
 * The factors are shared with the single-step solver, whose differences D1 and D2 are others.
 * Formulas: Lu et al. 2022 (arXiv 2206.00927, 2211.01095), propositions and appendices on the exponential integrator.
 */
import { addScaled, combine2 } from './kernels.ts'
import { lambdaOf, type Level } from './prediction.ts'

export const DPM_ALGORITHMS = ['dpmsolver++', 'dpmsolver', 'sde-dpmsolver++', 'sde-dpmsolver'] as const
export type DpmAlgorithm = (typeof DPM_ALGORITHMS)[number]
export type DpmSolverType = 'midpoint' | 'heun'

const { fround, exp, sqrt } = Math

export function isDataPrediction(algorithm: DpmAlgorithm): boolean {
  return algorithm === 'dpmsolver++' || algorithm === 'sde-dpmsolver++'
}

export function isStochastic(algorithm: DpmAlgorithm): boolean {
  return algorithm === 'sde-dpmsolver' || algorithm === 'sde-dpmsolver++'
}

/** Factors of x_t = sample x + D0 d0 + D1 d1 + D2 d2 + noise z. */
export interface DpmFactors {
  sample: number
  d0: number
  d1: number
  d2: number
  noise: number
}

/**
 * `levels`: target, newest, the one before, ... (one more than outputs). `outputs`: newest first; x0 for the ++ variants,
 * epsilon for the others. Order = outputs.length, 1 to 3.
 */
export function dpmUpdate(
  algorithm: DpmAlgorithm,
  solver: DpmSolverType,
  levels: readonly Level[],
  outputs: readonly Float32Array[],
  sample: Float32Array,
  noise: Float32Array | null,
): Float32Array {
  const [target, source] = levels
  const lambdas = levels.map(lambdaOf)
  const h = fround(lambdas[0] - lambdas[1])
  const order = outputs.length
  const factors = dpmFactors(algorithm, order === 2 ? solver : 'heun', target, source, h)
  const next =
    order === 1
      ? combine2(factors.sample, sample, factors.d0, outputs[0])
      : withDifferences(factors, lambdas, h, sample, outputs)
  return noise === null ? next : addScaled(next, factors.noise, noise)
}

function withDifferences(
  factors: DpmFactors,
  lambdas: readonly number[],
  h: number,
  sample: Float32Array,
  outputs: readonly Float32Array[],
): Float32Array {
  const perNewest = fround(1 / fround(fround(lambdas[1] - lambdas[2]) / h))
  if (outputs.length === 2) return secondOrder(factors, perNewest, sample, outputs[0], outputs[1])
  return thirdOrder(factors, lambdas, h, sample, outputs)
}

/** D1 = (m0 - m1) / r0 */
function secondOrder(
  { sample: c, d0, d1 }: DpmFactors,
  perNewest: number,
  x: Float32Array,
  m0: Float32Array,
  m1: Float32Array,
): Float32Array {
  const out = new Float32Array(x.length)
  for (let i = 0; i < out.length; i++) {
    const slope = fround(perNewest * fround(m0[i] - m1[i]))
    out[i] = fround(fround(c * x[i]) + fround(d0 * m0[i])) + fround(d1 * slope)
  }
  return out
}

/** D1 = D1_0 + r0 / (r0 + r1) (D1_0 - D1_1),  D2 = (D1_0 - D1_1) / (r0 + r1) */
function thirdOrder(
  { sample: c, d0, d1, d2 }: DpmFactors,
  lambdas: readonly number[],
  h: number,
  x: Float32Array,
  [m0, m1, m2]: readonly Float32Array[],
): Float32Array {
  const r0 = fround(fround(lambdas[1] - lambdas[2]) / h)
  const r1 = fround(fround(lambdas[2] - lambdas[3]) / h)
  const [perNewest, perOlder] = [fround(1 / r0), fround(1 / r1)]
  const sum = fround(r0 + r1)
  const [share, perSum] = [fround(r0 / sum), fround(1 / sum)]
  const out = new Float32Array(x.length)
  for (let i = 0; i < out.length; i++) {
    const newest = fround(perNewest * fround(m0[i] - m1[i]))
    const bend = fround(newest - fround(perOlder * fround(m1[i] - m2[i])))
    const slope = fround(newest + fround(share * bend))
    const linear = fround(fround(c * x[i]) + fround(d0 * m0[i]))
    out[i] = fround(linear + fround(d1 * slope)) + fround(d2 * fround(perSum * bend))
  }
  return out
}

/** `h` = lambda(target) - lambda(source); `solver` decides d1 only, whose midpoint form exists for order 2 alone. */
export function dpmFactors(
  algorithm: DpmAlgorithm,
  solver: DpmSolverType,
  target: Level,
  source: Level,
  h: number,
): DpmFactors {
  switch (algorithm) {
    case 'dpmsolver++':
      return plusPlusFactors(solver, target, source, h)
    case 'dpmsolver':
      return epsilonFactors(solver, target, source, h)
    case 'sde-dpmsolver++':
      return stochasticPlusPlusFactors(solver, target, source, h)
    case 'sde-dpmsolver':
      return stochasticEpsilonFactors(solver, target, source, h)
  }
}

function plusPlusFactors(solver: DpmSolverType, target: Level, source: Level, h: number): DpmFactors {
  const decay = fround(fround(exp(-h)) - 1)
  const whole = fround(target.alpha * decay)
  const bend = fround(fround(fround(decay + h) / fround(h * h)) - 0.5)
  return {
    sample: fround(target.sigma / source.sigma),
    d0: -whole,
    d1: solver === 'midpoint' ? -fround(0.5 * whole) : fround(target.alpha * fround(fround(decay / h) + 1)),
    d2: -fround(target.alpha * bend),
    noise: 0,
  }
}

function epsilonFactors(solver: DpmSolverType, target: Level, source: Level, h: number): DpmFactors {
  const growth = fround(fround(exp(h)) - 1)
  const whole = fround(target.sigma * growth)
  const bend = fround(fround(fround(growth - h) / fround(h * h)) - 0.5)
  return {
    sample: fround(target.alpha / source.alpha),
    d0: -whole,
    d1: solver === 'midpoint' ? -fround(0.5 * whole) : -fround(target.sigma * fround(fround(growth / h) - 1)),
    d2: -fround(target.sigma * bend),
    noise: 0,
  }
}

function stochasticPlusPlusFactors(solver: DpmSolverType, target: Level, source: Level, h: number): DpmFactors {
  const doubled = fround(-2 * h)
  const decay = fround(1 - fround(exp(doubled)))
  const whole = fround(target.alpha * decay)
  const square = fround(fround(2 * h) * fround(2 * h))
  const bend = fround(fround(fround(decay + doubled) / square) - 0.5)
  return {
    sample: fround(fround(target.sigma / source.sigma) * fround(exp(-h))),
    d0: whole,
    d1: solver === 'midpoint' ? fround(0.5 * whole) : fround(target.alpha * fround(fround(decay / doubled) + 1)),
    d2: fround(target.alpha * bend),
    noise: fround(target.sigma * fround(sqrt(decay))),
  }
}

function stochasticEpsilonFactors(solver: DpmSolverType, target: Level, source: Level, h: number): DpmFactors {
  const growth = fround(fround(exp(h)) - 1)
  const whole = fround(target.sigma * growth)
  const slope = fround(target.sigma * fround(fround(growth / h) - 1))
  return {
    sample: fround(target.alpha / source.alpha),
    d0: -fround(2 * whole),
    d1: solver === 'midpoint' ? -whole : -fround(2 * slope),
    d2: 0,
    noise: fround(target.sigma * fround(sqrt(fround(fround(exp(fround(2 * h))) - 1)))),
  }
}
