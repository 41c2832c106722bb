import { describe, expect, it } from 'vitest'
import { AppError } from '#contract/errors'
import { createClassifierFreeGuidance, guide, rescaleGuided } from '#pipeline/guidance/classifier-free'

const ALWAYS = { start: 0, end: 1 }
const negative = Float32Array.from([1, -2, 0.5, 3, 0, 1])
const positive = Float32Array.from([2, -1, 0.5, -3, 4, 0])

function sidesOfAllSteps(guidance: ReturnType<typeof createClassifierFreeGuidance>, count: number): number[] {
  return Array.from({ length: count }, (_, index) => guidance.sidesAt({ index, count }).length)
}

describe('guide', () => {
  it('goes from the negative prediction through the positive one, scale times as far', () => {
    expect([...guide(negative, positive, 3)]).toEqual([4, 1, 0.5, -15, 12, -2])
  })

  it('is the positive prediction at scale 1', () => {
    expect(guide(negative, positive, 1)).toEqual(positive)
  })
})

describe('rescaleGuided', () => {
  it('gives each picture of a batch the deviation of its own positive prediction at phi 1', () => {
    const guided = guide(negative, positive, 5)
    const rescaled = rescaleGuided(guided, positive, 1, 2)
    for (const start of [0, 3]) {
      expect(deviation(rescaled.slice(start, start + 3))).toBeCloseTo(deviation(positive.slice(start, start + 3)), 5)
    }
  })

  it('changes nothing at phi 0', () => {
    const guided = guide(negative, positive, 5)
    expect(rescaleGuided(guided, positive, 0, 2)).toEqual(guided)
  })
})

describe('createClassifierFreeGuidance', () => {
  it('asks for the negative side first, and only above scale 1', () => {
    const sides = (scale: number) =>
      createClassifierFreeGuidance({ scale, rescale: 0, interval: ALWAYS }).sidesAt({ index: 0, count: 4 })
    expect(sides(1.5)).toEqual(['negative', 'positive'])
    expect(sides(1)).toEqual(['positive'])
    expect(sides(0)).toEqual(['positive'])
  })

  it('is off outside of its interval, which saves the second prediction', () => {
    const guidance = createClassifierFreeGuidance({ scale: 7, rescale: 0, interval: { start: 0.25, end: 0.75 } })
    expect(sidesOfAllSteps(guidance, 8)).toEqual([1, 1, 2, 2, 2, 2, 1, 1])
  })

  it('follows a schedule of one scale a step', () => {
    const guidance = createClassifierFreeGuidance({ scale: [1, 3, 5], rescale: 0, interval: ALWAYS })
    expect(sidesOfAllSteps(guidance, 3)).toEqual([1, 2, 2])
    const combined = guidance.combine([negative, positive], { index: 2, count: 3 }, 1)
    expect(combined).toEqual(guide(negative, positive, 5))
  })

  it('hands the only prediction through when it is off', () => {
    const guidance = createClassifierFreeGuidance({ scale: 1, rescale: 0.7, interval: ALWAYS })
    expect(guidance.combine([positive], { index: 0, count: 1 }, 1)).toBe(positive)
  })

  it('refuses a schedule whose length is not the number of steps', () => {
    const guidance = createClassifierFreeGuidance({ scale: [2, 3], rescale: 0, interval: ALWAYS })
    expect(() => guidance.sidesAt({ index: 0, count: 3 })).toThrow('one for each of 3 steps')
  })

  it.each([
    [{ scale: NaN }, 'guidance is NaN'],
    [{ scale: [2, -1] }, 'guidance is -1'],
    [{ rescale: 1.5 }, 'guidanceRescale is 1.5'],
    [{ interval: { start: 0.5, end: 0.25 } }, 'guidanceInterval.start is 0.5'],
    [{ interval: { start: 0, end: 2 } }, 'guidanceInterval.end is 2'],
  ])('refuses %j by name', (change, message) => {
    const create = () => createClassifierFreeGuidance({ scale: 2, rescale: 0, interval: ALWAYS, ...change })
    expect(create).toThrow(AppError)
    expect(create).toThrow(message)
  })
})

function deviation(values: Float32Array): number {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1))
}
