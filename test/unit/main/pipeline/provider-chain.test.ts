import { describe, expect, test } from 'vitest'
import { sayNotice } from '#contract/notices'
import { AppError } from '#contract/errors'
import { providersFor, type Provider } from '#contract/providers'
import { createProviderChain } from '#pipeline/provider-chain'
import { scriptedSession } from '#test/scripted-session'

const OPTIONS = { threads: 0, weightBytes: 1 }

/** Records what is opened on what; `fault` says what a provider other than the processor throws at a graph. */
function scriptedChain(providers: readonly Provider[], fault: (file: string) => AppError | null) {
  const opened: [string, Provider | undefined][] = []
  const notices: string[] = []
  async function createSession(file: string, { provider }: { provider?: Provider }) {
    const error = provider === 'cpu' ? null : fault(file)
    if (error !== null) throw error
    opened.push([file, provider])
    return scriptedSession([], [], feeds => feeds)
  }
  return {
    opened,
    notices,
    chain: createProviderChain(createSession, providers, notice => notices.push(sayNotice(notice))),
  }
}

const missing = () =>
  new AppError('model-incompatible', 'failed', { details: { reason: 'Failed to load shared library\nat x' } })

describe('a chain of providers', () => {
  test('computes on the processor where nothing else is chosen, and says nothing', async () => {
    const { chain, opened, notices } = scriptedChain(['cpu'], missing)
    expect(await chain.open('unet', OPTIONS, 0)).toMatchObject({ at: 0 })
    expect([opened, notices]).toEqual([[['unet', 'cpu']], []])
  })

  test('asks a provider that is not there once, and says why in one sentence', async () => {
    const { chain, opened, notices } = scriptedChain(['cuda', 'webgpu', 'cpu'], missing)
    expect(await chain.open('vae', OPTIONS, 0)).toMatchObject({ at: 2 })
    await chain.open('unet', OPTIONS, 0)
    expect(opened).toEqual([
      ['vae', 'cpu'],
      ['unet', 'cpu'],
    ])
    expect(notices).toEqual(['cuda cannot be used here, so the processor computes it. (Failed to load shared library)'])
  })

  test('leaves one graph that a working provider cannot open to the processor', async () => {
    const { chain, opened, notices } = scriptedChain(['webgpu', 'cpu'], file =>
      file === 'text_encoder' ? missing() : null,
    )
    for (const file of ['vae', 'text_encoder', 'unet']) await chain.open(file, OPTIONS, 0)
    expect(opened).toEqual([
      ['vae', 'webgpu'],
      ['text_encoder', 'cpu'],
      ['unet', 'webgpu'],
    ])
    expect(notices).toEqual([expect.stringContaining('webgpu cannot open text_encoder')])
  })

  test('throws want of memory instead of leaving the provider: there may be a way to make room', async () => {
    const { chain, notices } = scriptedChain(['cuda', 'cpu'], () => new AppError('out-of-memory', 'no room'))
    await expect(chain.open('unet', OPTIONS, 0)).rejects.toMatchObject({ code: 'out-of-memory' })
    expect(notices).toEqual([])
  })

  test('throws what the processor says of a graph that nothing can open', async () => {
    const broken = new AppError('model-corrupt', 'unet is damaged')
    const chain = createProviderChain(
      () => Promise.reject(broken),
      ['webgpu', 'cpu'],
      () => undefined,
    )
    await expect(chain.open('unet', OPTIONS, 0)).rejects.toBe(broken)
  })
})

test.each([
  ['auto', ['cpu', 'cuda', 'webgpu'], ['cpu']],
  ['cuda', ['cpu', 'cuda', 'webgpu'], ['cuda', 'webgpu', 'cpu']],
  ['webgpu', ['cpu', 'cuda', 'webgpu'], ['webgpu', 'cpu']],
  ['cuda', ['cpu'], ['cuda', 'cpu']],
] as const)('with %s chosen and %j there, %j are tried one after the other', (choice, available, expected) => {
  expect(providersFor(choice, available)).toEqual(expected)
})
