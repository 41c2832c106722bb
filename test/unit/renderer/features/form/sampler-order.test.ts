import { expect, test } from 'vitest'
import { SCHEDULERS, SIGMA_SCHEDULES_OF } from '#contract/generation'
import { samplersOfKind } from '#contract/samplers'
import { orderSamplers, orderSpacings } from '../../../../../renderer/features/form/sampler-order.ts'

test("the model's own sampler stands first, the usual ones behind it, and none twice or left out", () => {
  const samplers = samplersOfKind('noise')
  const { usual, others } = orderSamplers({ samplers, recommended: { scheduler: 'pndm' } })
  expect(usual.slice(0, 3)).toEqual(['pndm', 'dpmpp-2m', 'euler'])
  expect([...usual, ...others].toSorted()).toEqual(samplers.toSorted())
})

test('a flow model is offered nothing that cannot sample it', () => {
  const { usual, others } = orderSamplers({ samplers: samplersOfKind('flow'), recommended: {} })
  expect([...usual, ...others].toSorted()).toEqual(['flow-match-euler', 'flow-match-heun', 'flow-match-lcm'])
})

test.each(SCHEDULERS)('%s is offered each spacing that it can follow, once, its own first', id => {
  const { usual, others } = orderSpacings(id)
  expect(usual[0]).toBe('model')
  expect([...usual, ...others].toSorted()).toEqual([...SIGMA_SCHEDULES_OF[id]].toSorted())
})
