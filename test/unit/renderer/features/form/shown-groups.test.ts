import { expect, test } from 'vitest'
import { aModel } from '#test/page-stores'
import { shownGroups } from '../../../../../renderer/features/form/shown-groups.ts'

const SOURCE = 'a'.repeat(64)
const refiner = aModel({ id: 'refiner', family: 'sdxl-refiner', features: ['refine'] })

test('a model has the groups of what it can do', () => {
  const words = aModel({ features: ['text-to-image'] })
  expect(shownGroups(words, [words], {})).toEqual({
    loras: false,
    start: false,
    hires: true,
    refiner: false,
    controls: false,
  })
  const full = aModel({ family: 'sdxl', features: ['text-to-image', 'image-to-image', 'lora'], controlNets: ['canny'] })
  expect(shownGroups(full, [full, refiner], {})).toEqual({
    loras: true,
    start: true,
    hires: true,
    refiner: true,
    controls: true,
  })
  expect(shownGroups(full, [full], {}).refiner).toBe(false)
  expect(shownGroups(aModel({ features: ['text-to-image'], fixedSize: [64, 64] }), [], {}).hires).toBe(false)
  expect(shownGroups(null, [], {})).toEqual({
    loras: false,
    start: false,
    hires: false,
    refiner: false,
    controls: false,
  })
})

test('with a start picture there is no second pass and no refiner', () => {
  const model = aModel({ family: 'sdxl', features: ['text-to-image', 'image-to-image'] })
  const shown = shownGroups(model, [model, refiner], { edit: { source: SOURCE } })
  expect(shown).toEqual({ loras: false, start: true, hires: false, refiner: false, controls: false })
})

test('what is set stays in sight, so that it can be taken away, although the model cannot do it', () => {
  const words = aModel({ features: ['text-to-image'] })
  const set = { edit: { source: SOURCE }, loras: [{ name: 'style' }], controls: [{ net: 'canny', image: SOURCE }] }
  expect(shownGroups(words, [words], set)).toMatchObject({ loras: true, start: true, controls: true })
})
