/**
 * Shifts of a flow's time t in (0, 1]: more steps at high noise for larger pictures.
 *
 *   static       s t / (1 + (s - 1) t)                        Esser et al. 2024 (arXiv 2403.03206), equation 23
 *   exponential  e^mu / (e^mu + 1 / t - 1),   linear  mu / (mu + 1 / t - 1)      mu from the number of latent tokens
 *   terminal     1 - (1 - t) (1 - terminal) / (1 - t_last): the last step ends exactly at `terminal`
 */

export const TIME_SHIFT_TYPES = ['exponential', 'linear'] as const
export type TimeShiftType = (typeof TIME_SHIFT_TYPES)[number]

export function staticShift(shift: number, t: number): number {
  return (shift * t) / (1 + (shift - 1) * t)
}

export function shiftOfTime(type: TimeShiftType, mu: number, t: number): number {
  const strength = type === 'exponential' ? Math.exp(mu) : mu
  return strength / (strength + (1 / t - 1))
}

export function stretchToTerminal(times: Float64Array, terminal: number): Float64Array {
  const scale = (1 - times[times.length - 1]) / (1 - terminal)
  return times.map(t => 1 - (1 - t) / scale)
}
