import { describe, expect, it } from 'vitest'
import { AppError } from '#contract/errors'
import { BrownianTree } from '#pipeline/random/brownian-tree'
import { seedWords } from '#pipeline/random/seed-sequence'
import reference from '../../../../fixtures/noise/brownian.json' with { type: 'json' }

function floatsOf(base64: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer)
}

describe('seedWords', () => {
  it.each(reference.seed_sequences)('equals numpy for entropy $entropy, key $spawnKey', ({ words, ...place }) => {
    expect([...seedWords(place, words.length)]).toEqual(words)
  })
})

describe('BrownianTree', () => {
  it.each(reference.paths)('gives the increments of torchsde bit for bit, seed $seed', ({ increments, ...path }) => {
    const tree = new BrownianTree(path)
    for (const { from, to, float32 } of increments) expect(tree.increment(from, to)).toEqual(floatsOf(float32))
  })

  it('gives the same increment whatever was asked before', () => {
    const path = { seed: 4, low: 0.03, high: 14.6, length: 6 }
    const asked = new BrownianTree(path)
    for (const sigma of [14, 9.5, 3, 0.5, 0.04]) asked.increment(sigma * 0.7, sigma)
    expect(asked.increment(1.25, 7)).toEqual(new BrownianTree(path).increment(1.25, 7))
  })

  it('adds up: the way in one piece is the way in two', () => {
    const tree = new BrownianTree({ seed: 8, low: 0.1, high: 10, length: 9 })
    const parts = [tree.increment(0.4, 2.3), tree.increment(2.3, 8)]
    tree.increment(0.4, 8).forEach((value, i) => expect(value).toBeCloseTo(parts[0][i] + parts[1][i], 5))
  })

  it('has noise of variance 1 over any interval, and of opposite sign in the other direction', () => {
    const tree = new BrownianTree({ seed: 2, low: 0.03, high: 14.6, length: 20_000 })
    for (const [from, to] of [
      [14.6, 9],
      [0.5, 0.31],
    ]) {
      const noise = tree.noise(from, to)
      const variance = noise.reduce((sum, value) => sum + value * value, 0) / noise.length
      expect(Math.abs(variance - 1)).toBeLessThan(0.05) // 5 standard errors
      expect(tree.noise(to, from)).toEqual(noise.map(value => -value))
    }
  })

  it('stands still outside of its range', () => {
    const tree = new BrownianTree({ seed: 2, low: 1, high: 2, length: 3 })
    expect(tree.increment(0, 1)).toEqual(new Float32Array(3))
    expect(tree.increment(0, 5)).toEqual(tree.increment(1, 2))
  })

  it('refuses a seed that is no whole number from 0', () => {
    expect(() => new BrownianTree({ seed: -1, low: 1, high: 2, length: 3 })).toThrow(AppError)
  })
})
