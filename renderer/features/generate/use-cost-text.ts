/** An estimate in the user's language: time and memory, or that nobody knows yet. */
import { useI18n } from 'vue-i18n'
import type { Estimate } from '#contract/estimate'
import { useDuration } from './use-duration.ts'

const [KIB, DECIMALS_BELOW] = [1024, 10]

export function useCostText(): (estimate: Estimate | null) => string {
  const { t, locale } = useI18n()
  const duration = useDuration()
  const gigabytes = (bytes: number): string => {
    const value = bytes / KIB ** 3
    const maximumFractionDigits = value < DECIMALS_BELOW ? 1 : 0
    return new Intl.NumberFormat(locale.value, { style: 'unit', unit: 'gigabyte', maximumFractionDigits }).format(value)
  }
  return estimate => {
    if (estimate === null) return ''
    const { seconds, peakBytes } = estimate
    if (seconds === null) return t('generate.unmeasured')
    const time = duration(seconds)
    return peakBytes === null
      ? t('generate.estimate', { time })
      : t('generate.estimateWithMemory', { time, memory: gigabytes(peakBytes) })
  }
}
