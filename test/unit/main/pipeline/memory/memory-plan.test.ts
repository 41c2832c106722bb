import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesOfMegabytes, RESERVE_BYTES } from '#contract/memory'
import { createMemoryBudget, type MemoryFacts } from '#pipeline/memory/memory-budget'
import { closable, describeGraphs, planRoom, turnOf } from '#pipeline/memory/memory-plan'

const NAMES = ['text_encoder', 'text_encoder_2', 'vae_encoder', 'vae_decoder', 'unet', 'controlnet'] as const
const graphs = fc.uniqueArray(fc.record({ name: fc.constantFrom(...NAMES), bytes: fc.integer({ min: 1, max: 100 }) }), {
  selector: graph => graph.name,
})

describe('the plan for room', () => {
  it('closes the fewest graphs that free enough, and none that is needed together with the wanted one', () => {
    fc.assert(
      fc.property(graphs, fc.constantFrom(...NAMES), fc.integer({ min: -10, max: 400 }), (open, wanted, missing) => {
        const others = open.filter(({ name }) => name !== wanted)
        const closed = planRoom(others, wanted, missing)
        expect(closed.some(({ name }) => turnOf(name) === turnOf(wanted))).toBe(false)
        const freed = closed.reduce((sum, { bytes }) => sum + bytes, 0)
        const withoutLast = freed - (closed.at(-1)?.bytes ?? 0)
        if (closed.length > 0) expect(withoutLast).toBeLessThan(missing)
        if (freed < missing) expect(closed).toHaveLength(closable(others, wanted, 'all').length)
      }),
    )
  })

  it('closes text encoders first and denoising networks last', () => {
    const open = NAMES.map(name => ({ name, bytes: 1 }))
    expect(closable(open, 'vae_decoder', 'all').map(({ name }) => name)).toEqual([
      'text_encoder',
      'text_encoder_2',
      'vae_encoder',
      'unet',
      'controlnet',
    ])
    expect(closable(open, 'vae_decoder', 'idle').map(({ name }) => name)).not.toContain('unet')
    expect(closable(open, 'unet', 'all').map(({ name }) => name)).not.toContain('controlnet')
  })

  it('names each kind of what was closed once, in words', () => {
    const words = describeGraphs(['text_encoder', 'text_encoder_2', 'vae_decoder'])
    expect(words).toEqual(['the text encoder', 'the picture decoder'])
  })
})

describe('the memory budget', () => {
  const facts: MemoryFacts = {
    platform: 'linux',
    totalBytes: bytesOfMegabytes(16_000),
    availableBytes: bytesOfMegabytes(2000),
    residentBytes: bytesOfMegabytes(3000),
  }

  it("is the user's where one is set: what is open and what is wanted must fit into it together", () => {
    const budget = createMemoryBudget(4000, () => facts)
    expect(budget.missingBytes(bytesOfMegabytes(3000), bytesOfMegabytes(1000))).toBe(0)
    expect(budget.missingBytes(bytesOfMegabytes(3000), bytesOfMegabytes(1001))).toBe(bytesOfMegabytes(1))
  })

  it('is what the machine has free, less a reserve for the computing, where none is set', () => {
    const budget = createMemoryBudget(0, () => facts)
    const fits = facts.availableBytes - RESERVE_BYTES
    expect(budget.missingBytes(bytesOfMegabytes(9000), fits)).toBe(0)
    expect(budget.missingBytes(0, fits + 1)).toBe(1)
  })

  it('does not believe what macOS calls free', () => {
    const budget = createMemoryBudget(0, () => ({ ...facts, platform: 'darwin', availableBytes: 1 }))
    expect(budget.missingBytes(0, bytesOfMegabytes(7000))).toBeLessThan(0)
    expect(budget.missingBytes(0, bytesOfMegabytes(9000))).toBeGreaterThan(0)
  })
})
