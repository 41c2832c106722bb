import { describe, expect, it } from 'vitest'
import { betaQuantile } from '#pipeline/schedulers/beta-quantile'
import { arange, linspace, logFloat32, roundHalfEven } from '#pipeline/schedulers/numbers'
import { karrasSigmas, logOf, timestepOfSigma } from '#pipeline/schedulers/sigma-schedules'
import { quantile } from '#pipeline/schedulers/threshold'

describe('numbers like those of numpy, scipy and torch', () => {
  it('round halves to the even neighbour', () => {
    expect([0.5, 1.5, 2.5, -1.5, 2.4, 2.6].map(roundHalfEven)).toEqual([0, 2, 2, -2, 2, 3])
  })

  it('give one value more where float error asks for it', () => {
    expect(arange(1000, 0, -1000 / 61)).toHaveLength(62)
    expect(arange(1000, 0, -1000 / 60)).toHaveLength(60)
  })

  it('end a range exactly at its end', () => {
    expect(linspace(0, 0.3, 4)[3]).toBe(0.3)
    expect([...linspace(5, 9, 1)]).toEqual([5])
  })

  // scipy.stats.beta.ppf
  it.each([
    [0.001, 0.6, 0.6, 1.855873851745199e-5],
    [0.05, 0.6, 0.6, 0.012554456873611399],
    [0.25, 0.6, 0.6, 0.17568037865269498],
    [0.5, 0.6, 0.6, 0.5],
    [0.8, 0.6, 0.6, 0.8770782495416671],
    [0.999, 0.6, 0.6, 0.9999814412614826],
    [0.3, 2, 5, 0.18180347131894917],
    [0, 0.6, 0.6, 0],
    [1, 0.6, 0.6, 1],
  ])('invert the incomplete beta function at %f (%f, %f)', (p, a, b, expected) => {
    expect(Math.abs(betaQuantile(p, a, b) - expected)).toBeLessThan(1e-13)
  })

  it('take the logarithm in float32 within two units of the last place', () => {
    for (let x = 0.001; x < 5000; x *= 1.037) {
      const value = Math.fround(x)
      expect(Math.abs(logFloat32(value) - Math.log(value))).toBeLessThanOrEqual(
        2.4e-7 * Math.max(1, Math.abs(Math.log(value))),
      )
    }
    expect(logFloat32(0)).toBe(-Infinity)
  })

  it('find quantiles between two values', () => {
    const values = [0.1, 2, 3, 0.5, 0.7]
    expect(quantile(Float32Array.from(values), 0.8)).toBeCloseTo(2.2, 6)
    expect(quantile(Float32Array.from(values), 0.3)).toBeCloseTo(0.54, 6)
    expect(quantile(Float32Array.from(values), 1)).toBe(3)
    expect(quantile(Float32Array.from([4]), 0.5)).toBe(4)
  })
})

describe('spaced sigmas', () => {
  it("follow Karras' equation between exact ends", () => {
    const sigmas = karrasSigmas({ min: 0.1, max: 10 }, 5)
    expect(sigmas[0]).toBeCloseTo(10, 12)
    expect(sigmas[4]).toBeCloseTo(0.1, 12)
    expect(sigmas[2]).toBeCloseTo(((10 ** (1 / 7) + 0.1 ** (1 / 7)) / 2) ** 7, 12)
  })

  it('belong to timesteps that are clipped to those of training', () => {
    const logs = logOf(Float32Array.of(0.1, 1, 10))
    expect(timestepOfSigma(1, logs)).toBeCloseTo(1, 6)
    expect(timestepOfSigma(1000, logs)).toBe(2)
    expect(timestepOfSigma(1e-6, logs)).toBe(0)
    expect(timestepOfSigma(Math.sqrt(10), logs)).toBeCloseTo(1.5, 6)
  })
})
