import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createApp, effectScope, nextTick, reactive } from 'vue'
import { AppError } from '#contract/errors'
import type { Estimate } from '#contract/estimate'
import type { GenerationInput } from '#contract/generation'
import { createFakeClient } from '#test/fake-client'
import { useEstimate } from '../../../../../renderer/features/generate/use-estimate.ts'
import { CLIENT } from '../../../../../renderer/stores/client.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function open(answer: (inputs: GenerationInput[]) => Promise<Estimate>) {
  const client = createFakeClient({ 'jobs.estimate': ({ inputs }) => answer(inputs) })
  const app = createApp({})
  app.provide(CLIENT, client)
  const pinia = createPinia()
  app.use(pinia)
  setActivePinia(pinia)
  const input = reactive<GenerationInput>({ prompt: 'a fox', steps: 10 })
  const scope = effectScope()
  const estimate = scope.run(() => app.runWithContext(() => useEstimate(() => [input])))
  return { client, input, estimate, stop: () => scope.stop() }
}

const seconds = (value: number): Estimate => ({ seconds: value, peakBytes: null })

test('asks once after a pause, without the words, and not again for a word more', async () => {
  const { client, input, estimate, stop } = open(() => Promise.resolve(seconds(3)))
  expect(estimate?.value).toBeNull()
  input.steps = 11
  await nextTick()
  input.steps = 12
  await nextTick()
  await vi.advanceTimersByTimeAsync(1000)
  expect(client.calls).toEqual([{ method: 'jobs.estimate', argument: { inputs: [{ prompt: '', steps: 12 }] } }])
  expect(estimate?.value).toEqual(seconds(3))
  input.prompt = 'a red fox'
  await nextTick()
  await vi.advanceTimersByTimeAsync(1000)
  expect(client.calls).toHaveLength(1)
  stop()
})

test('drops the answer to an older question', async () => {
  const answers: ((estimate: Estimate) => void)[] = []
  const { input, estimate, stop } = open(() => new Promise(resolve => answers.push(resolve)))
  await vi.advanceTimersByTimeAsync(1000)
  input.steps = 20
  await nextTick()
  await vi.advanceTimersByTimeAsync(1000)
  answers[1]?.(seconds(20))
  answers[0]?.(seconds(10))
  await vi.advanceTimersByTimeAsync(1)
  expect(estimate?.value).toEqual(seconds(20))
  stop()
})

test('says nothing of a request that is wrong or that the host refuses', async () => {
  const { client, input, estimate, stop } = open(() => Promise.reject(new AppError('invalid-input', 'no such model')))
  await vi.advanceTimersByTimeAsync(1000)
  expect([client.calls.length, estimate?.value]).toEqual([1, null])
  input.steps = 100_000
  await nextTick()
  await vi.advanceTimersByTimeAsync(1000)
  expect(client.calls).toHaveLength(1)
  stop()
})
