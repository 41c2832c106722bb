/**
 * The processor behind whatever provider is wanted: a graph that does not open there opens on the processor, with a sentence
 * that says so. A provider whose very first graph fails is not there at all and is not asked again.
 */
import { AppError } from '#contract/errors'
import type { Provider, ProviderChoice } from '#contract/providers'
import type { CreateSession } from './session.ts'

export interface ProviderChain {
  createSession: CreateSession
  /** What was opened on something else than what was wanted, and why; for the user. */
  readonly notices: readonly string[]
  /** What computes at least one graph beside the processor; else the processor. */
  provider(): Provider
}

export function createProviderChain(createSession: CreateSession, choice: ProviderChoice): ProviderChain {
  const wanted: Provider = choice === 'auto' ? 'cpu' : choice
  const notices: string[] = []
  let opened = 0
  let isMissing = wanted === 'cpu'
  return {
    notices,
    provider: () => (opened > 0 ? wanted : 'cpu'),
    async createSession(file, options) {
      if (!isMissing) {
        try {
          const session = await createSession(file, { ...options, provider: wanted })
          opened++
          return session
        } catch (error) {
          isMissing = opened === 0
          notices.push(sentence(wanted, isMissing ? null : file, error))
        }
      }
      return createSession(file, { ...options, provider: 'cpu' })
    },
  }
}

function sentence(provider: Provider, file: string | null, error: unknown): string {
  const reason = error instanceof AppError ? (error.details?.reason ?? error.message) : error
  const what = file === null ? `${provider} cannot be used here` : `${provider} cannot open ${file}`
  return `${what}, so the processor computes it. (${String(reason).split('\n')[0]})`
}
