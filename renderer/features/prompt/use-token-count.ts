/** How many tokens a text takes of the model's window, asked of the host when the typing pauses. The last question counts. */
import { watchDebounced } from '@vueuse/core'
import { ref, type Ref } from 'vue'
import { AppError } from '#contract/errors'
import type { TokenCount } from '#contract/token-count'
import { ConnectionError } from '../../api.ts'
import { useClient } from '../../stores/client.ts'
import { useDraft } from '../../stores/draft.ts'

const PAUSE_MS = 250

/** null while nothing is known: an empty text, a model that cannot be used, no answer. */
export function useTokenCount(text: Ref<string>): Ref<TokenCount | null> {
  const [client, draft] = [useClient(), useDraft()]
  const count = ref<TokenCount | null>(null)
  let asked = 0

  async function ask(): Promise<void> {
    const mine = ++asked
    const found = await countNow()
    if (mine === asked) count.value = found
  }

  async function countNow(): Promise<TokenCount | null> {
    if (text.value.trim() === '' || draft.model === null) return null
    try {
      return await client.call('models.countTokens', { model: draft.model.id, text: text.value })
    } catch (thrown) {
      // A prompt that cannot be read is told at the field; without a connection its bar speaks.
      if (thrown instanceof AppError || thrown instanceof ConnectionError) return null
      throw thrown
    }
  }

  watchDebounced([text, () => draft.model?.id], ask, { debounce: PAUSE_MS, immediate: true })
  return count
}
