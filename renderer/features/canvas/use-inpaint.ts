/** Generate on the canvas: sends picture, mask and strokes under their content, then the form with them as its edit. */
import { computed, ref, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import type { EditInput } from '#contract/edit'
import { RANDOM_SEED } from '#contract/generation'
import { boundsOf } from '#contract/mask/grey-mask'
import { hasStrokes } from '../../canvas/document.ts'
import { placeEdit } from '../../canvas/frame.ts'
import type { ChangePlan } from '../../canvas/plan-change.ts'
import { useCanvas } from '../../stores/canvas.ts'
import { useClient } from '../../stores/client.ts'
import { useDraft } from '../../stores/draft.ts'
import { useJobs } from '../../stores/jobs.ts'
import { withoutClashes } from '../../stores/passes.ts'
import { useFailureText } from '../shell/use-failure-text.ts'
import { maskToPng, strokesToPng } from './mask-png.ts'
import { send, sendPicture } from './send-picture.ts'

export function useInpaint(plan: Readonly<Ref<ChangePlan | null>>) {
  const { t } = useI18n()
  const [canvas, draft, jobs, client] = [useCanvas(), useDraft(), useJobs(), useClient()]
  const failureText = useFailureText()
  const fault = ref<string | null>(null)
  const isSending = ref(false)

  const disabledReason = computed(() => {
    if (canvas.editor === null) return t('canvas.noPicture')
    if (draft.model === null) return t('generate.noModel')
    return null
  })

  /** `isNewSeed` for another try of the same. */
  async function generate(isNewSeed = false): Promise<void> {
    const { editor } = canvas
    fault.value = null
    if (editor === null || disabledReason.value !== null || isSending.value) return
    const { document } = editor
    const isMasked = boundsOf(document.mask) !== null
    const isSketched = hasStrokes(document)
    const place = placeEdit({ picture: document.mask, frame: document.frame, isMasked, isSketched })
    if (draft.prompt.trim() === '') fault.value = t('canvas.noPrompt')
    else if (place === null) fault.value = t('canvas.noMask')
    if (fault.value !== null || place === null) return
    isSending.value = true
    try {
      const edit: EditInput = {
        ...canvas.options,
        ...place,
        source: await sendPicture(client, canvas.baseOf(document.base)),
        mask: isMasked ? await send(client, await maskToPng(document.mask)) : null,
        strokes:
          document.strokes !== null && isSketched ? await send(client, await strokesToPng(document.strokes)) : null,
      }
      const job = await jobs.submit(
        withoutClashes({ ...draft.input, ...(isNewSeed ? { seed: RANDOM_SEED } : {}), edit }),
      )
      canvas.follow(job.id, plan.value)
    } catch (thrown) {
      fault.value = failureText(thrown)
    } finally {
      isSending.value = false
    }
  }

  return { generate, disabledReason, fault, isSending }
}
