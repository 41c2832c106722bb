import { describe, expect, it } from 'vitest'
import { AppError } from '#contract/errors'
import { PhiloxGenerator, philox4x32 } from '#pipeline/random/philox'
import reference from '../../../../fixtures/noise/torch-cuda.json' with { type: 'json' }

const PI_DIGITS = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0]

describe('philox4x32', () => {
  // The known answers that the authors publish with Random123 (tests/kat_vectors, philox4x32 10).
  it.each([
    [[0, 0, 0, 0], [0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    [[-1, -1, -1, -1], [-1, -1], '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    [PI_DIGITS.slice(0, 4), PI_DIGITS.slice(4), 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ])('gives the published answer for counter %j and key %j', (counter, [key0, key1], answer) => {
    const words = Int32Array.from(counter)
    philox4x32(words, key0, key1)
    expect([...words].map(word => (word >>> 0).toString(16).padStart(8, '0')).join(' ')).toBe(answer)
  })
})

describe('PhiloxGenerator', () => {
  it.each(reference.cases)('draws the reference noise bit for bit for seed $seed', ({ seed, draws }) => {
    const generator = new PhiloxGenerator(seed)
    for (const { shape, float32 } of draws) {
      const expected = new Float32Array(Uint8Array.from(Buffer.from(float32, 'base64')).buffer)
      expect(generator.normal(shape)).toEqual(expected)
    }
  })

  it('starts a small draw with the values of a large one, unlike the CPU generator', () => {
    const small = new PhiloxGenerator(6).normal([1, 4, 3, 5])
    expect(new PhiloxGenerator(6).normal([2, 4, 3, 5]).slice(0, small.length)).toEqual(small)
  })

  it('continues bit for bit from a saved state', () => {
    const generator = new PhiloxGenerator(2 ** 40 + 3)
    generator.normal([7])
    const state = JSON.parse(JSON.stringify(generator.saveState())) as Record<string, unknown>
    const expected = generator.normal([2, 9])
    const restored = new PhiloxGenerator(2 ** 40 + 3)
    restored.restoreState(state)
    expect(restored.normal([2, 9])).toEqual(expected)
  })

  it('refuses the state of another generator or seed', () => {
    const generator = new PhiloxGenerator(1)
    expect(() => generator.restoreState({ kind: 'torch-cpu' })).toThrow('noise state.kind')
    expect(() => generator.restoreState({ ...generator.saveState(), draws: -1 })).toThrow('noise state.draws')
    expect(() => generator.restoreState(new PhiloxGenerator(2).saveState())).toThrow(AppError)
  })
})
