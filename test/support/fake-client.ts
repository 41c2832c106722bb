/** A scriptable client for the page's stores: answers are functions, events and the state of the connection are pushed. */
import type { AppEvent, Argument, MethodName, Result } from '#contract/api'
import type { Client, ConnectionState } from '../../renderer/api.ts'

export type Answers = { [M in MethodName]?: (argument: Argument<M>) => Result<M> | Promise<Result<M>> }

export interface FakeClient extends Client {
  /** Every call in order. */
  readonly calls: { method: MethodName; argument: unknown }[]
  answers: Answers
  push(event: AppEvent): void
  setState(state: ConnectionState): void
}

export function createFakeClient(answers: Answers = {}): FakeClient {
  const listeners = new Set<(event: AppEvent) => void>()
  const stateListeners = new Set<(state: ConnectionState) => void>()
  let state: ConnectionState = 'connecting'
  const client: FakeClient = {
    calls: [],
    answers,
    async call(method, argument) {
      client.calls.push({ method, argument })
      const answer = client.answers[method]
      if (answer === undefined) throw new Error(`${method} has no answer in this test`)
      return answer(argument)
    },
    onEvent(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    onState(listener) {
      listener(state)
      stateListeners.add(listener)
      return () => void stateListeners.delete(listener)
    },
    dispose: () => undefined,
    push: event => listeners.forEach(listener => listener(event)),
    setState(next) {
      state = next
      stateListeners.forEach(listener => listener(next))
    },
  }
  return client
}
