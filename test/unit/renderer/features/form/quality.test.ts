import { expect, test } from 'vitest'
import { SCHEDULERS } from '#contract/generation'
import { qualitiesOf, qualityOf } from '../../../../../renderer/features/form/quality.ts'

const DIFFUSION = { samplers: [...SCHEDULERS], guidance: 'two-sided' as const }
const recommended = (steps: number) => ({ steps, scheduler: 'ddim' as const, sigmaSchedule: 'model' as const })

test('good is what the model recommends, quick a sampler that needs half of it, best twice as much', () => {
  const qualities = qualitiesOf(DIFFUSION, recommended(30))
  expect(qualities.good).toEqual(recommended(30))
  expect(qualities.quick).toEqual({ steps: 15, scheduler: 'dpmpp-2m', sigmaSchedule: 'karras' })
  expect(qualities.best).toEqual(recommended(60))
})

test('a model of few steps, and one that takes no such sampler, keep their own', () => {
  expect(qualitiesOf(DIFFUSION, recommended(4)).quick).toEqual(recommended(2))
  expect(qualitiesOf(DIFFUSION, recommended(1))).toMatchObject({ quick: { steps: 1 }, best: { steps: 2 } })
  const flow = { samplers: ['flow-match-euler' as const], guidance: 'two-sided' as const }
  expect(qualitiesOf(flow, { ...recommended(28), scheduler: 'flow-match-euler' }).quick).toEqual({
    ...{ steps: 14, scheduler: 'flow-match-euler', sigmaSchedule: 'model' },
  })
})

test('best is never less than what the model recommends', () => {
  expect(qualitiesOf(DIFFUSION, recommended(100)).best.steps).toBe(100)
})

test('settings of one of the three are recognised, others are none of them', () => {
  const qualities = qualitiesOf(DIFFUSION, recommended(20))
  expect(qualityOf(qualities.quick, qualities)).toBe('quick')
  expect(qualityOf(recommended(20), qualities)).toBe('good')
  expect(qualityOf(recommended(21), qualities)).toBeNull()
})
