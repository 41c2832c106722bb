/** Between a number and the text of a field in the user's language: "7,5" and "7.5" both mean 7.5 where that is unambiguous. */

export function formatNumber(value: number, locale: string, decimals: number): string {
  if (!Number.isFinite(value)) return ''
  // Whole numbers look the same in every language of Easel, and Intl takes some 10 ms to get going at the start.
  if (Number.isSafeInteger(value)) return String(value)
  return formatterOf(locale, decimals).format(value)
}

const formatters = new Map<string, Intl.NumberFormat>()
function formatterOf(locale: string, decimals: number): Intl.NumberFormat {
  const key = `${locale} ${decimals}`
  const known = formatters.get(key)
  if (known !== undefined) return known
  const made = new Intl.NumberFormat(locale, { maximumFractionDigits: decimals, useGrouping: false })
  formatters.set(key, made)
  return made
}

/** NaN for what is no number; never a silent 0. */
export function parseNumber(text: string): number {
  const plain = text.trim().replace(',', '.').replace('−', '-')
  return /^-?(\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : Number.NaN
}

/** One step up or down, landing on multiples of `step` and inside the range. */
export function stepNumber(value: number, by: number, range: { min: number; max: number; step: number }): number {
  const start = Number.isFinite(value) ? value : range.min
  const steps = start / range.step
  // From between two multiples the first step goes to the nearer one in that direction.
  const aligned = by > 0 ? Math.floor(steps + 1e-9) : Math.ceil(steps - 1e-9)
  return clamp(tidy((aligned + by) * range.step), range)
}

export function clamp(value: number, range: { min: number; max: number }): number {
  return Math.min(Math.max(value, range.min), range.max)
}

/** 0.1 + 0.2 is 0.3 on a form. */
function tidy(value: number): number {
  return Number(value.toPrecision(12))
}
