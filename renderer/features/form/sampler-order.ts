/** Samplers and spacings in the order in which people try them: the model's own first, the usual ones, then the rest. Pure. */
import { SIGMA_SCHEDULES_OF, type SchedulerId, type SigmaSchedule } from '#contract/generation'
import type { ModelSummary } from '#contract/models'

const USUAL: readonly SchedulerId[] = ['dpmpp-2m', 'euler', 'euler-ancestral', 'ddim', 'unipc', 'dpmpp-2m-sde']
const USUAL_FLOW: readonly SchedulerId[] = ['flow-match-euler', 'flow-match-heun']

interface Ordered<T> {
  usual: T[]
  others: T[]
}

export function orderSamplers({
  samplers,
  recommended,
}: Pick<ModelSummary, 'samplers' | 'recommended'>): Ordered<SchedulerId> {
  const own = recommended.scheduler === undefined ? [] : [recommended.scheduler]
  const usual = [...new Set([...own, ...USUAL, ...USUAL_FLOW])].filter(id => samplers.includes(id))
  return { usual, others: samplers.filter(id => !usual.includes(id)) }
}

const USUAL_SPACINGS: readonly SigmaSchedule[] = ['model', 'karras', 'sgm-uniform', 'beta']

export function orderSpacings(scheduler: SchedulerId): Ordered<SigmaSchedule> {
  const all = SIGMA_SCHEDULES_OF[scheduler]
  const usual = USUAL_SPACINGS.filter(id => all.includes(id))
  return { usual, others: all.filter(id => !usual.includes(id)) }
}
