/** Carries what happens in the services to whoever listens (hosts). Keeps nothing; a listener that throws harms nobody else. */
import type { AppEvent } from '#contract/api'
import type { Log } from '#contract/log'

export interface Events {
  emit(event: AppEvent): void
  subscribe(listener: (event: AppEvent) => void): () => void
}

export function createEvents(log: Log): Events {
  const listeners = new Set<(event: AppEvent) => void>()
  return {
    emit(event) {
      for (const listener of listeners) {
        try {
          listener(event)
        } catch (thrown) {
          log.error('A listener failed', { event: event.type, reason: String(thrown) })
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
