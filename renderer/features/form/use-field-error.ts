/** What is wrong with a field, in the user's language and made from the contract's own limits. */
import { useI18n } from 'vue-i18n'
import type { InputIssue } from '#contract/errors'
import { LIMITS } from '#contract/generation'
import { useDraft } from '../../stores/draft.ts'

interface Range {
  min: number
  max: number
}

const WHOLE: Record<string, Range> = {
  steps: LIMITS.steps,
  seed: LIMITS.seed,
  variationSeed: LIMITS.seed,
  images: LIMITS.images,
  clipSkip: LIMITS.clipSkip,
}
const FRACTIONS: Record<string, Range> = {
  guidance: LIMITS.guidance,
  guidanceRescale: LIMITS.guidanceRescale,
  variationStrength: LIMITS.variationStrength,
}

export function useFieldError(): (path: string) => string | null {
  const { t, n } = useI18n()
  const draft = useDraft()
  const range = ({ min, max }: Range) => ({ min: n(min), max: n(max) })

  function textError({ allowed, value }: InputIssue): string {
    if (allowed.startsWith('text')) return t('form.allowedText', { max: n(LIMITS.promptChars) })
    return value.startsWith('weight') ? t('prompt.badWeight') : t('prompt.noAnd')
  }

  return path => {
    if (path === 'prompt' && draft.isPromptMissing) return t('prompt.empty')
    const issue = draft.issues[path]
    if (issue === undefined) return null
    if (draft.isHostIssue(path)) return t('form.allowedOther', { allowed: issue.allowed })
    if (path === 'prompt' || path === 'negativePrompt') return textError(issue)
    if (path === 'width' || path === 'height') {
      return t('form.allowedMultiple', { step: n(LIMITS.size.step), ...range(LIMITS.size) })
    }
    const [whole, fraction] = [WHOLE[path], FRACTIONS[path]]
    if (whole !== undefined) return t('form.allowedWhole', range(whole))
    if (fraction !== undefined) return t('form.allowedRange', range(fraction))
    return t('form.allowedOther', { allowed: issue.allowed })
  }
}
