import { describe, expect, it } from 'vitest'
import { callsBeforeHandover, firstCallAfterHandover, handoverTimestep } from '#pipeline/strength'

describe('the handover to a refiner', () => {
  const timesteps = Float64Array.from([901, 701, 501, 301, 101])

  it('gives every call to exactly one of the two models of order 1', () => {
    for (const fraction of [0, 0.3, 0.5, 0.9, 1]) {
      const handover = handoverTimestep(fraction, 1000)
      expect(firstCallAfterHandover(timesteps, handover, 1)).toBe(callsBeforeHandover(timesteps, handover))
    }
  })

  it('rounds halves to the even timestep, as Python does', () => {
    expect(handoverTimestep(0.0005, 1000)).toBe(1000)
    expect(handoverTimestep(0.0015, 1000)).toBe(998)
  })

  it('starts a sampler of order 2 at the first call of a pair', () => {
    // Calls of Heun: every level but the first one twice.
    const calls = Float64Array.from([901, 701, 701, 501, 501, 301, 301])
    const first = firstCallAfterHandover(calls, 600, 2)
    expect(first).toBe(2)
    expect((calls.length - first) % 2).toBe(1)
  })
})
