import { describe, expect, test } from 'vitest'
import { AppError } from '#contract/errors'
import type { Provider } from '#contract/providers'
import { createProviderChain } from '#pipeline/provider-chain'
import { scriptedSession } from '#test/scripted-session'

const OPTIONS = { threads: 0, weightBytes: 1 }

/** Records what is opened on what; `refuses` says which graphs a provider other than the processor cannot open. */
function scriptedRuntime(refuses: (file: string) => boolean) {
  const opened: [string, Provider | undefined][] = []
  return {
    opened,
    async createSession(file: string, { provider }: { provider?: Provider }) {
      if (provider !== 'cpu' && refuses(file)) {
        throw new AppError('model-incompatible', 'failed', {
          details: { reason: 'Failed to load shared library\nat x' },
        })
      }
      opened.push([file, provider])
      return scriptedSession([], [], feeds => feeds)
    },
  }
}

describe('a chain of providers', () => {
  test('computes on the processor where nothing else is chosen, and says nothing', async () => {
    const runtime = scriptedRuntime(() => true)
    const chain = createProviderChain(runtime.createSession, 'auto')
    await chain.createSession('unet', OPTIONS)
    expect(runtime.opened).toEqual([['unet', 'cpu']])
    expect([chain.provider(), chain.notices]).toEqual(['cpu', []])
  })

  test('asks a provider that is not there once, and says why in one sentence', async () => {
    const runtime = scriptedRuntime(() => true)
    const chain = createProviderChain(runtime.createSession, 'cuda')
    await chain.createSession('vae', OPTIONS)
    await chain.createSession('unet', OPTIONS)
    expect(runtime.opened).toEqual([
      ['vae', 'cpu'],
      ['unet', 'cpu'],
    ])
    expect(chain.provider()).toBe('cpu')
    expect(chain.notices).toEqual([
      'cuda cannot be used here, so the processor computes it. (Failed to load shared library)',
    ])
  })

  test('leaves one graph that a working provider cannot open to the processor', async () => {
    const runtime = scriptedRuntime(file => file === 'text_encoder')
    const chain = createProviderChain(runtime.createSession, 'webgpu')
    for (const file of ['vae', 'text_encoder', 'unet']) await chain.createSession(file, OPTIONS)
    expect(runtime.opened).toEqual([
      ['vae', 'webgpu'],
      ['text_encoder', 'cpu'],
      ['unet', 'webgpu'],
    ])
    expect(chain.provider()).toBe('webgpu')
    expect(chain.notices).toEqual([expect.stringContaining('webgpu cannot open text_encoder')])
  })

  test('throws what the processor says of a graph that nothing can open', async () => {
    const broken = new AppError('model-corrupt', 'unet is damaged')
    const chain = createProviderChain(() => Promise.reject(broken), 'webgpu')
    await expect(chain.createSession('unet', OPTIONS)).rejects.toBe(broken)
  })
})
