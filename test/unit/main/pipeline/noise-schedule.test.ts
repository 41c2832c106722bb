import { describe, expect, it } from 'vitest'
import { createNoiseSchedule, linspaceFloat32, trainingSigmas, type BetaSchedule } from '#pipeline/noise-schedule'

const SD = { steps: 1000, betaStart: 0.00085, betaEnd: 0.012, trainedBetas: null, zeroTerminalSnr: false }
const scheduleOf = (schedule: BetaSchedule) => createNoiseSchedule({ ...SD, schedule })

describe('noise schedules', () => {
  it('give the noise levels of Stable Diffusion', () => {
    const sigmas = trainingSigmas(scheduleOf('scaled_linear').alphasCumprod)
    expect(sigmas[0]).toBeCloseTo(0.0291675, 6)
    expect(sigmas[999]).toBeCloseTo(14.6146, 3)
  })

  it.each(['linear', 'scaled_linear', 'squaredcos_cap_v2', 'sigmoid', 'exp', 'laplace'] as const)(
    'destroy the signal step by step with %s betas',
    name => {
      const { alphasCumprod, betas } = scheduleOf(name)
      expect(betas.every(beta => beta >= 0 && beta <= 0.9991)).toBe(true)
      expect(alphasCumprod.every((a, i) => i === 0 || a <= alphasCumprod[i - 1])).toBe(true)
      expect(alphasCumprod[0]).toBeGreaterThan(0.9)
      expect(alphasCumprod[999]).toBeLessThan(0.06)
    },
  )

  it('end without any signal after the zero-SNR rescale, and begin where they did', () => {
    const plain = scheduleOf('scaled_linear').alphasCumprod
    const zero = createNoiseSchedule({ ...SD, schedule: 'scaled_linear', zeroTerminalSnr: true }).alphasCumprod
    expect(zero[999]).toBe(0)
    expect(zero[0]).toBeCloseTo(plain[0], 6)
  })

  it('use betas that were stored with a model instead of a named schedule', () => {
    const trained = createNoiseSchedule({ ...SD, steps: 3, schedule: 'linear', trainedBetas: [0.1, 0.2, 0.5] })
    expect([...trained.alphasCumprod].map(a => Number(a.toFixed(6)))).toEqual([0.9, 0.72, 0.36])
  })

  it('space float32 values with both ends exact', () => {
    const values = linspaceFloat32(0.25, 8, 13)
    expect(values[0]).toBe(0.25)
    expect(values[12]).toBe(8)
    expect([...linspaceFloat32(3, 9, 1)]).toEqual([3])
  })

  it('round the span to float32 before it is divided, as torch 2.13 does', () => {
    const values = linspaceFloat32(0.0335, 0.3496, 7)
    expect(values[1]).toBe(0.0861833393573761) // in doubles up to the division: 0.0861833319067955
    expect(values[4]).toBe(0.24423331022262573)
  })
})
