/** Stretches of time back from now, by which the gallery can be narrowed. Pure. */

export const PERIODS = ['any', 'day', 'week', 'month', 'year'] as const
export type Period = (typeof PERIODS)[number]

const DAY_MS = 24 * 60 * 60 * 1000
const DAYS: Record<Exclude<Period, 'any'>, number> = { day: 1, week: 7, month: 30, year: 365 }

/** Milliseconds since 1970; undefined has no beginning. */
export function sinceOf(period: Period, now: number): number | undefined {
  return period === 'any' ? undefined : now - DAYS[period] * DAY_MS
}

/** The period that such a beginning was made from some time ago: the longest that fits. */
export function periodOf(since: number | undefined, now: number): Period {
  if (since === undefined) return 'any'
  const days = (now - since) / DAY_MS
  return (['year', 'month', 'week', 'day'] as const).find(period => days >= DAYS[period]) ?? 'day'
}
