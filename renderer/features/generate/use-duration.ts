/** Seconds in the user's language, as exact as a person wants to know it. */
import { useI18n } from 'vue-i18n'

const MINUTE = 60

export function useDuration(): (seconds: number) => string {
  const { locale } = useI18n()
  const format = (value: number, unit: 'second' | 'minute', maximumFractionDigits: number) =>
    new Intl.NumberFormat(locale.value, { style: 'unit', unit, unitDisplay: 'narrow', maximumFractionDigits }).format(
      value,
    )
  return seconds => {
    if (seconds >= 2 * MINUTE) return format(Math.round(seconds / MINUTE), 'minute', 0)
    return format(seconds, 'second', seconds < 10 ? 1 : 0)
  }
}
