/** Generate on the canvas: sends picture and mask under their content, then the form with both as its edit. */
import { computed, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { AppError } from '#contract/errors'
import { RANDOM_SEED } from '#contract/generation'
import { boundsOf } from '#contract/mask/grey-mask'
import { ConnectionError } from '../../api.ts'
import type { BasePicture } from '../../stores/base-pictures.ts'
import { useCanvas } from '../../stores/canvas.ts'
import { useClient } from '../../stores/client.ts'
import { useDraft } from '../../stores/draft.ts'
import { useJobs } from '../../stores/jobs.ts'
import { maskToPng, toBase64 } from './mask-png.ts'

export function useInpaint() {
  const { t } = useI18n()
  const [canvas, draft, jobs, client] = [useCanvas(), useDraft(), useJobs(), useClient()]
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
    if (draft.prompt.trim() === '') fault.value = t('canvas.noPrompt')
    else if (boundsOf(editor.document.mask) === null) fault.value = t('canvas.noMask')
    if (fault.value !== null) return
    isSending.value = true
    try {
      const source = await sendBase(canvas.baseOf(editor.document.base))
      const mask = await client.call('sources.import', {
        base64: await toBase64(await maskToPng(editor.document.mask)),
      })
      const seed = isNewSeed ? { seed: RANDOM_SEED } : {}
      const job = await jobs.submit({ ...draft.input, ...seed, edit: { ...canvas.options, source, mask: mask.id } })
      canvas.follow(job.id)
    } catch (thrown) {
      if (thrown instanceof ConnectionError) fault.value = t('generate.offline')
      else if (thrown instanceof AppError) fault.value = thrown.message
      else throw thrown
    } finally {
      isSending.value = false
    }
  }

  async function sendBase(base: BasePicture): Promise<string> {
    const sent =
      base.kind === 'image'
        ? await client.call('sources.fromImage', { id: base.id })
        : await client.call('sources.import', { base64: await toBase64(base.file) })
    return sent.id
  }

  return { generate, disabledReason, fault, isSending }
}
