/** Pressing Generate: says what is missing at its field, else hands the form to the queue and shows its job. */
import { computed, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { AppError } from '#contract/errors'
import type { GenerationInput } from '#contract/generation'
import { useConnection } from '../../stores/connection.ts'
import { useDraft } from '../../stores/draft.ts'
import { useJobs } from '../../stores/jobs.ts'
import { useModels } from '../../stores/models.ts'
import { usePromptHistory } from '../../stores/prompt-history.ts'
import { useStudio } from '../../stores/studio.ts'
import { useFailureText } from '../shell/use-failure-text.ts'
import { useFocusField } from './use-focus-field.ts'

/** What went wrong with the last press and belongs to no field of the form; shown beside the button. */
const fault = ref<string | null>(null)

export function useGenerate() {
  const { t } = useI18n()
  const [draft, jobs, studio, models, connection] = [useDraft(), useJobs(), useStudio(), useModels(), useConnection()]

  const history = usePromptHistory()
  const focusField = useFocusField()
  const failureText = useFailureText()

  const disabledReason = computed(() => {
    if (connection.isLost) return t('generate.offline')
    return models.isLoaded && draft.model === null ? t('generate.noModel') : null
  })

  async function generate(): Promise<void> {
    fault.value = null
    if (disabledReason.value !== null) return
    draft.isPromptMissing = draft.prompt.trim() === ''
    const wrong = draft.isPromptMissing ? 'prompt' : Object.keys(draft.issues).find(path => !draft.isHostIssue(path))
    if (wrong !== undefined) return focusField(wrong)
    history.add(draft.prompt)
    await submit(draft.input)
  }

  /** Also for requests that do not come from the form: variations, "once more". */
  async function submit(input: GenerationInput): Promise<void> {
    try {
      const job = await jobs.submit(input)
      studio.follow(job.id)
      if (!draft.isSeedLocked) draft.seed = job.request.seed
    } catch (thrown) {
      await explain(thrown)
    }
  }

  async function explain(thrown: unknown): Promise<void> {
    const text = failureText(thrown)
    const issues = thrown instanceof AppError ? (thrown.issues ?? []) : []
    draft.showHostIssues(issues)
    if (issues[0] !== undefined) await focusField(issues[0].path)
    const isAtField = (path: string) => document.querySelector(`[data-field="${CSS.escape(path)}"]`) !== null
    fault.value = issues.length > 0 && issues.every(({ path }) => isAtField(path)) ? t('generate.issues') : text
  }

  return { generate, submit, disabledReason, fault }
}
