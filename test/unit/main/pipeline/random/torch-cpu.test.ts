import { describe, expect, it } from 'vitest'
import { AppError } from '#contract/errors'
import { TorchCpuGenerator } from '#pipeline/random/torch-cpu'
import reference from '../../../../fixtures/noise/torch-cpu.json' with { type: 'json' }

function bytesOf(base64: string): ArrayBuffer {
  return Uint8Array.from(Buffer.from(base64, 'base64')).buffer
}

describe('TorchCpuGenerator against torch', () => {
  it.each(reference.randn)(
    'draws the bits of torch.randn for seed $seed, one draw after the other',
    ({ seed, draws }) => {
      const generator = new TorchCpuGenerator(seed)
      for (const { shape, float32 } of draws) {
        expect(generator.normal(shape)).toEqual(new Float32Array(bytesOf(float32)))
      }
    },
  )

  it('draws the bits of torch.rand and the words of torch.randint', () => {
    const { seed, rand_float32, rand_float64, randint_1000 } = reference.uniform
    const generator = new TorchCpuGenerator(seed)
    expect(generator.uniform([4, 5])).toEqual(new Float32Array(bytesOf(rand_float32)))
    expect(generator.uniformFloat64([9])).toEqual(new Float64Array(bytesOf(rand_float64)))
    expect(randint_1000.map(() => generator.word() % 1000)).toEqual(randint_1000)
  })

  it('draws float64 normals within one unit in the last place, on both paths', () => {
    const { seed, draws } = reference.randn_float64
    const generator = new TorchCpuGenerator(seed)
    for (const { shape, float64 } of draws) {
      const expected = new Float64Array(bytesOf(float64))
      generator.normalFloat64(shape).forEach((value, i) => {
        expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(2 ** -51 * Math.abs(expected[i]))
      })
    }
  })
})

describe('TorchCpuGenerator with many values, which four lanes compute', () => {
  const LARGE = 2 ** 14
  /** A multiple of the 16 values that are made together, and too few for the lanes. */
  const SMALL = 1008

  it.each([
    { before: 0, length: LARGE },
    { before: 5, length: LARGE + 16 },
    { before: 623, length: 3 * LARGE + 1024 },
  ])('draws the bits of many small draws, $before words on, $length values', ({ before, length }) => {
    const [atOnce, inParts] = [new TorchCpuGenerator(77), new TorchCpuGenerator(77)]
    for (let i = 0; i < before; i++) expect(atOnce.word()).toBe(inParts.word())
    const expected = new Float32Array(length)
    for (let start = 0; start < length; start += SMALL)
      expected.set(inParts.normal([Math.min(SMALL, length - start)]), start)
    expect(new Uint32Array(atOnce.normal([length]).buffer)).toEqual(new Uint32Array(expected.buffer))
    expect(atOnce.saveState()).toEqual(inParts.saveState())
  })

  it('draws the last 16 values again where the count is no multiple of 16', () => {
    const [atOnce, inParts] = [new TorchCpuGenerator(78), new TorchCpuGenerator(78)]
    const values = atOnce.normal([LARGE + 5])
    expect(values.subarray(0, LARGE - 11)).toEqual(inParts.normal([LARGE]).subarray(0, LARGE - 11))
    inParts.uniform([5])
    expect(values.subarray(LARGE - 11)).toEqual(inParts.normal([16]))
    expect(atOnce.saveState()).toEqual(inParts.saveState())
  })
})

describe('TorchCpuGenerator state', () => {
  it.each([[[3]], [[5, 7]], [[1, 4, 9, 11]]])('continues bit for bit from a saved state, draw shape %j', shape => {
    const generator = new TorchCpuGenerator(99)
    generator.normal([3]) // leaves a value waiting
    const state: unknown = JSON.parse(JSON.stringify(generator.saveState()))
    const expected = [generator.normal(shape), generator.normal([1])]
    const restored = new TorchCpuGenerator(0)
    restored.restoreState(state as Record<string, unknown>)
    expect([restored.normal(shape), restored.normal([1])]).toEqual(expected)
  })

  it.each([
    [{ kind: 'torch-cuda' }, 'noise state.kind'],
    [{ words: [1, 2, 3] }, 'noise state.words'],
    [{ used: 625 }, 'noise state.used'],
    [{ waiting: 'x' }, 'noise state.waiting'],
  ])('refuses the state with %j and stays as it was', (change, path) => {
    const generator = new TorchCpuGenerator(5)
    const bad = { ...generator.saveState(), ...change }
    expect(() => generator.restoreState(bad)).toThrow(AppError)
    expect(() => generator.restoreState(bad)).toThrow(path)
    expect(generator.normal([20])).toEqual(new TorchCpuGenerator(5).normal([20]))
  })
})
