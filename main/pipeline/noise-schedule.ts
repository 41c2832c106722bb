/**
 * The forward process: how much noise the training put at each of its T steps, as float32 exactly like torch's.
 *
 *   q(x_t | x_0) = N( sqrt(abar_t) x_0, (1 - abar_t) I ),   abar_t = prod_{s<=t} (1 - beta_s),   sigma_t = sqrt((1 - abar_t) / abar_t)
 *
 * Ho et al. 2020 (arXiv 2006.11239), section 2; cosine: Nichol & Dhariwal 2021 (2102.09672); zero terminal SNR: Lin et al. 2024
 * (2305.08891), algorithm 1; Laplace: Hang et al. 2024 (2407.03297). Which steps of it a sampler visits is in schedulers/spacing.ts.
 */

export const BETA_SCHEDULES = ['linear', 'scaled_linear', 'squaredcos_cap_v2', 'sigmoid', 'exp', 'laplace'] as const
export type BetaSchedule = (typeof BETA_SCHEDULES)[number]

export interface NoiseScheduleOptions {
  steps: number
  betaStart: number
  betaEnd: number
  schedule: BetaSchedule
  /** Betas stored with the model; they replace the named schedule. */
  trainedBetas: readonly number[] | null
  zeroTerminalSnr: boolean
}

export interface NoiseSchedule {
  betas: Float32Array // [T]
  alphasCumprod: Float32Array // [T]
}

const MAX_BETA = 0.999
const LANES = 8

export function createNoiseSchedule(options: NoiseScheduleOptions): NoiseSchedule {
  const named = options.trainedBetas === null ? betasOf(options) : Float32Array.from(options.trainedBetas)
  const betas = options.zeroTerminalSnr ? rescaleZeroTerminalSnr(named) : named
  return { betas, alphasCumprod: cumulativeAlphas(betas) }
}

/** sigma_t = sqrt((1 - abar_t) / abar_t), each operation rounded to float32. */
export function sigmaOfAlphaCumprod(alphaCumprod: number): number {
  return Math.fround(Math.sqrt(Math.fround(Math.fround(1 - alphaCumprod) / alphaCumprod)))
}

/** The noise level of every training step, rising. */
export function trainingSigmas(alphasCumprod: Float32Array): Float32Array {
  return alphasCumprod.map(sigmaOfAlphaCumprod)
}

/**
 * `count` float32 values from start to end as torch.linspace makes them on a CPU: upwards from the start in the first half,
 * downwards from the end in the second, in groups of 8 lanes; equal to the arrays of the reference to the last bit.
 */
export function linspaceFloat32(start: number, end: number, count: number): Float32Array {
  const values = new Float32Array(count)
  if (count === 1) return values.fill(start)
  const first = Math.fround(start)
  const last = Math.fround(end)
  const step = Math.fround(Math.fround(last - first) / (count - 1))
  const half = Math.floor(count / 2)
  const grouped = count - (count % LANES)
  for (let i = 0; i < count; i++) {
    const base = i < grouped ? i - (i % LANES) : i
    const origin = Math.fround(base < half ? first + step * base : last - step * (count - 1 - base))
    values[i] = origin + Math.fround((i - base) * step)
  }
  return values
}

function betasOf({ schedule, steps, betaStart, betaEnd }: NoiseScheduleOptions): Float32Array {
  switch (schedule) {
    case 'linear':
      return linspaceFloat32(betaStart, betaEnd, steps)
    case 'scaled_linear':
      return linspaceFloat32(Math.sqrt(betaStart), Math.sqrt(betaEnd), steps).map(root => root * root)
    case 'sigmoid':
      return sigmoidBetas(betaStart, betaEnd, steps)
    case 'squaredcos_cap_v2':
      return betasOfAlphaBar(steps, t => Math.cos((((t + 0.008) / 1.008) * Math.PI) / 2) ** 2)
    case 'exp':
      return betasOfAlphaBar(steps, t => Math.exp(-12 * t))
    case 'laplace':
      return betasOfAlphaBar(steps, laplaceAlphaBar)
  }
}

function sigmoidBetas(betaStart: number, betaEnd: number, steps: number): Float32Array {
  const range = Math.fround(betaEnd - betaStart)
  return linspaceFloat32(-6, 6, steps).map(x => {
    const sigmoid = Math.fround(1 / (1 + Math.exp(-x)))
    return Math.fround(sigmoid * range) + Math.fround(betaStart)
  })
}

function laplaceAlphaBar(t: number): number {
  const side = t > 0.5 ? -1 : 1
  const snr = Math.exp(-0.5 * side * Math.log(1 - 2 * Math.abs(0.5 - t) + 1e-6))
  return Math.sqrt(snr / (1 + snr))
}

/** beta_i = 1 - abar((i + 1) / T) / abar(i / T), capped so that no single step destroys everything. */
function betasOfAlphaBar(steps: number, alphaBar: (t: number) => number): Float32Array {
  const betas = new Float32Array(steps)
  for (let i = 0; i < steps; i++) betas[i] = Math.min(1 - alphaBar((i + 1) / steps) / alphaBar(i / steps), MAX_BETA)
  return betas
}

/** torch accumulates a float32 cumprod in double and rounds each entry. */
function cumulativeAlphas(betas: Float32Array): Float32Array {
  let product = 1
  return betas.map(beta => (product *= Math.fround(1 - beta)))
}

/** Shifts and scales sqrt(abar) so that it ends at exactly 0 and starts where it did. */
function rescaleZeroTerminalSnr(betas: Float32Array): Float32Array {
  const roots = cumulativeAlphas(betas).map(Math.sqrt)
  const first = roots[0]
  const last = roots[roots.length - 1]
  const scale = Math.fround(first / Math.fround(first - last))
  const bars = roots.map(root => {
    const scaled = Math.fround(Math.fround(root - last) * scale)
    return scaled * scaled
  })
  return bars.map((bar, i) => 1 - (i === 0 ? bar : Math.fround(bar / bars[i - 1])))
}
