/** Checks of a schedule request: exactly one of steps, timesteps and sigmas, and only what the sampler can follow. */
import { invalidInput, showValue } from '#contract/parse'
import type { SetTimesteps } from './scheduler.ts'

const BASES = ['steps', 'timesteps', 'sigmas'] as const
type Basis = (typeof BASES)[number]
type Extra = Exclude<keyof SetTimesteps, Basis>

/** What a sampler accepts besides `steps`. */
export interface Accepted {
  custom?: readonly Exclude<Basis, 'steps'>[]
  extras?: readonly Extra[]
}

export function checkScheduleRequest(request: SetTimesteps, { custom = [], extras = [] }: Accepted = {}): void {
  const accepted: readonly string[] = ['steps', ...custom, ...extras]
  const given = Object.entries(request).filter(([, value]) => value !== undefined)
  for (const [key, value] of given) {
    if (!accepted.includes(key)) {
      throw invalidInput([{ path: key, value: showValue(value), allowed: `this sampler takes ${accepted.join(', ')}` }])
    }
  }
  const bases = BASES.filter(basis => request[basis] !== undefined)
  if (bases.length !== 1) {
    const value = bases.length === 0 ? 'missing' : bases.join(' and ')
    throw invalidInput([{ path: 'steps', value, allowed: `exactly one of ${['steps', ...custom].join(', ')}` }])
  }
  if (request.timesteps !== undefined) checkList('timesteps', request.timesteps)
  if (request.sigmas !== undefined) checkList('sigmas', request.sigmas)
}

/** Finite, not negative, and falling, since noise is taken away; two equal noise levels are allowed, two equal timesteps not. */
function checkList(path: 'timesteps' | 'sigmas', values: readonly number[]): void {
  if (values.length === 0) throw invalidInput([{ path, value: '[]', allowed: 'at least one value' }])
  values.forEach((value, i) => {
    const previous = i === 0 ? Infinity : values[i - 1]
    const falls = path === 'timesteps' ? value < previous : value <= previous
    if (Number.isFinite(value) && value >= 0 && falls) return
    const allowed = `a number of at least 0, ${path === 'timesteps' ? 'below' : 'not above'} the one before it`
    throw invalidInput([{ path: `${path}.${i}`, value: String(value), allowed }])
  })
}
