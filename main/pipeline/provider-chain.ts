/**
 * The processor behind whatever provider is wanted: a graph that does not open there opens on the processor, and this is
 * told. A provider whose very first graph fails is not there at all and is not asked again. Want of memory is no
 * such failure: it is thrown, as the same provider may do when there is more room.
 */
import { createNotice, type Notice } from '#contract/notices'
import { AppError } from '#contract/errors'
import type { Provider } from '#contract/providers'
import { isOutOfMemory, type Notify } from './relief.ts'
import type { CreateSession, Session, SessionOptions } from './session.ts'

export interface ProviderChain {
  /** Opens a graph on the provider with index `at`, else on the last one, the processor; with the index that it came to be. */
  open(file: string, options: SessionOptions, at: number): Promise<{ session: Session; at: number }>
}

/** `providers` end with the processor; `notify` hears what was opened on something else than what was wanted, and why. */
export function createProviderChain(
  createSession: CreateSession,
  providers: readonly Provider[],
  notify: Notify,
): ProviderChain {
  const working = new Set<Provider>()
  const missing = new Set<Provider>()
  const last = providers.length - 1
  return {
    async open(file, options, at) {
      const provider = providers[at]
      if (at < last && !missing.has(provider)) {
        try {
          const session = await createSession(file, { ...options, provider })
          working.add(provider)
          return { session, at }
        } catch (error) {
          if (isOutOfMemory(error)) throw error
          if (!working.has(provider)) missing.add(provider)
          notify(failureOf(provider, working.has(provider) ? file : null, error))
        }
      }
      return { session: await createSession(file, { ...options, provider: providers[last] }), at: last }
    },
  }
}

function failureOf(provider: Provider, file: string | null, error: unknown): Notice {
  const said = error instanceof AppError ? (error.details?.reason ?? error.message) : error
  const [reason] = String(said).split('\n')
  return file === null
    ? createNotice('provider-missing', { provider, reason })
    : createNotice('provider-refused', { provider, file, reason })
}
