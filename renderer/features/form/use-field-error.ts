/** What is wrong with a field, in the user's language and made from the contract's own limits. */
import { useI18n } from 'vue-i18n'
import type { InputIssue } from '#contract/errors'
import { EDIT_LIMITS } from '#contract/edit'
import { LIMITS } from '#contract/generation'
import { LORA_LIMITS } from '#contract/loras'
import { PASS_LIMITS } from '#contract/passes'
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
  originalSteps: LIMITS.steps,
  'hires.steps': PASS_LIMITS.hiresSteps,
}
const FRACTIONS: Record<string, Range> = {
  guidance: LIMITS.guidance,
  guidanceRescale: LIMITS.guidanceRescale,
  variationStrength: LIMITS.variationStrength,
  trueGuidance: LIMITS.guidance,
  'hires.scale': PASS_LIMITS.hiresScale,
  'hires.strength': PASS_LIMITS.hiresStrength,
  'refiner.at': PASS_LIMITS.fraction,
  'controls.*.scale': PASS_LIMITS.controlScale,
  'controls.*.start': PASS_LIMITS.fraction,
  'controls.*.end': PASS_LIMITS.fraction,
  'loras.*.weight': LORA_LIMITS.weight,
  'edit.strength': EDIT_LIMITS.strength,
  'edit.imageGuidance': EDIT_LIMITS.imageGuidance,
  'edit.noiseLevel': EDIT_LIMITS.noiseLevel,
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
    const field = path.replace(/\.\d+\./, '.*.')
    const [whole, fraction] = [WHOLE[field], FRACTIONS[field]]
    if (whole !== undefined) return t('form.allowedWhole', range(whole))
    if (fraction !== undefined) return t('form.allowedRange', range(fraction))
    return t('form.allowedOther', { allowed: issue.allowed })
  }
}
