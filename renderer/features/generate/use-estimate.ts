/**
 * What the host expects requests to cost, asked again when they or what was measured change; null until it has answered.
 * An answer to an older question is dropped, and a request that the host refuses has no estimate: its field says why.
 */
import { onScopeDispose, ref, watch, type Ref } from 'vue'
import { AppError } from '#contract/errors'
import { generationInputSchema, type GenerationInput } from '#contract/generation'
import type { Estimate } from '#contract/estimate'
import { ConnectionError } from '../../api.ts'
import { useClient } from '../../stores/client.ts'
import { useJobs } from '../../stores/jobs.ts'

/** So long nobody types on. */
const PAUSE_MS = 250

export function useEstimate(inputs: () => readonly GenerationInput[]): Readonly<Ref<Estimate | null>> {
  const [client, jobs] = [useClient(), useJobs()]
  const estimate = ref<Estimate | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined
  let asked = 0

  async function ask(costs: GenerationInput[]): Promise<void> {
    const mine = ++asked
    const answer = await answerOf(costs)
    if (mine === asked) estimate.value = answer
  }

  async function answerOf(costs: GenerationInput[]): Promise<Estimate | null> {
    if (costs.length === 0 || costs.some(input => !generationInputSchema.safeParse(input).success)) return null
    try {
      return await client.call('jobs.estimate', { inputs: costs })
    } catch (thrown) {
      if (thrown instanceof AppError || thrown instanceof ConnectionError) return null
      throw thrown
    }
  }

  // As text, so that a word more in the prompt, which costs nothing, does not ask again.
  const question = () => JSON.stringify([inputs().map(withoutWords), jobs.finished.length, jobs.running === null])
  watch(
    question,
    () => {
      clearTimeout(timer)
      timer = setTimeout(() => void ask(inputs().map(withoutWords)), PAUSE_MS)
    },
    { immediate: true },
  )
  onScopeDispose(() => clearTimeout(timer))
  return estimate
}

function withoutWords(input: GenerationInput): GenerationInput {
  const { negativePrompt: _, ...rest } = input
  return { ...rest, prompt: '' }
}
