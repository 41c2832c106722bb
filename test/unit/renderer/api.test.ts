import { describe, expect, it } from 'vitest'
import { reactive } from 'vue'
import type { Bridge, Reply } from '#contract/api'
import { createClient } from '../../../renderer/api.ts'

/** As Electron's bridge: arguments are cloned, which a proxy does not survive. */
function createBridge(reply: Reply): Bridge & { calls: unknown[] } {
  const calls: unknown[] = []
  return {
    calls,
    call(method, argument) {
      calls.push([method, structuredClone(argument)])
      return Promise.resolve(reply)
    },
    on: () => () => undefined,
  }
}

describe('the client over the bridge', () => {
  it('sends reactive arguments as plain data', async () => {
    const bridge = createBridge({ ok: true, value: { deleted: ['a'] } })
    const client = createClient({ api: bridge } as unknown as Window)
    expect(await client.call('gallery.delete', reactive({ ids: ['a'] }))).toEqual({ deleted: ['a'] })
    expect(bridge.calls).toEqual([['gallery.delete', { ids: ['a'] }]])
  })

  it("throws the application's own error", async () => {
    const bridge = createBridge({ ok: false, error: { code: 'not-found', message: 'There is no job "x".' } })
    const client = createClient({ api: bridge } as unknown as Window)
    await expect(client.call('jobs.get', { id: 'x' })).rejects.toMatchObject({ code: 'not-found' })
  })
})
