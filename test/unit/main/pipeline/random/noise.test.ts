import { describe, expect, it } from 'vitest'
import { NOISE_SOURCES } from '#contract/generation'
import { AppError } from '#contract/errors'
import { createNormalSource, drawInitialNoise } from '#pipeline/random/noise'
import reference from '../../../../fixtures/noise/variation.json' with { type: 'json' }

const NONE = { noiseSource: 'torch-cpu', seed: 0, strength: 0 } as const

describe('createNormalSource', () => {
  it.each(NOISE_SOURCES)('%s draws standard normal noise: mean 0, variance 1, kurtosis 3', id => {
    const values = createNormalSource(id, 123).normal([1, 4, 96, 160])
    const moment = (k: number) => values.reduce((sum, value) => sum + value ** k, 0) / values.length
    expect(Math.abs(moment(1))).toBeLessThan(0.02) // 5 standard errors of 61,440 values
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.03)
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.2)
  })

  it.each([NaN, 1.5, 2 ** 53, Infinity])('refuses the seed %s by name', seed => {
    expect(() => createNormalSource('torch-cpu', seed)).toThrow(AppError)
    expect(() => createNormalSource('torch-cpu', seed)).toThrow(/^seed is /)
  })
})

describe('drawInitialNoise', () => {
  it('is the first draw of the generator when there is no variation', () => {
    const noise = drawInitialNoise(createNormalSource('torch-cpu', 4), [1, 4, 6, 10], NONE)
    expect(noise).toEqual(createNormalSource('torch-cpu', 4).normal([1, 4, 6, 10]))
  })

  it.each(reference.cases)('mixes a variation seed in as the reference does at strength $strength', c => {
    const source = createNormalSource('torch-cpu', reference.seed)
    const variation = { noiseSource: 'torch-cpu', seed: reference.variation_seed, strength: c.strength } as const
    const noise = drawInitialNoise(source, reference.shape, variation)
    const expected = new Float32Array(Uint8Array.from(Buffer.from(c.float32, 'base64')).buffer)
    noise.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThan(2e-6))
  })

  it('leaves the generator at the same place whatever the variation', () => {
    const next = [0, 0.3].map(strength => {
      const source = createNormalSource('torch-cuda', 9)
      drawInitialNoise(source, [1, 4, 6, 10], { noiseSource: 'torch-cuda', seed: 5, strength })
      return source.normal([8])
    })
    expect(next[1]).toEqual(next[0])
  })

  it('gives the noise itself when the variation has the same seed', () => {
    const source = createNormalSource('torch-cpu', 4)
    const noise = drawInitialNoise(source, [1, 4, 6, 10], { noiseSource: 'torch-cpu', seed: 4, strength: 0.4 })
    const plain = createNormalSource('torch-cpu', 4).normal([1, 4, 6, 10])
    noise.forEach((value, i) => expect(value).toBeCloseTo(plain[i], 6))
  })
})
