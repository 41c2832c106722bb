import { expect, test } from 'vitest'
import { aModel } from '#test/page-stores'
import { availableAxes } from '../../../../../renderer/features/sweep/available-axes.ts'
import { makeCells } from '../../../../../renderer/features/sweep/grid.ts'

const model = aModel({ features: ['text-to-image', 'image-to-image'], maxClipSkip: 2 })

test('what the model or the form has no use for is not offered as an axis', () => {
  const plain = availableAxes(model, { prompt: 'a fox' }, { scheduler: 'ddim' })
  expect(plain).toEqual(expect.arrayContaining(['prompt', 'clipSkip', 'hires.scale', 'noiseSource', 'width']))
  for (const field of [
    'negativePrompt',
    'hires.steps',
    'edit.strength',
    'refiner.at',
    'controls.scale',
    'trueGuidance',
    'originalSteps',
  ])
    expect(plain).not.toContain(field)
  const input = { prompt: 'a fox', edit: { source: 'x' } }
  const edited = availableAxes(aModel({ fixedSize: [64, 64] }), input, { scheduler: 'ddim' })
  expect(edited).toContain('edit.strength')
  for (const field of ['hires.scale', 'width', 'clipSkip']) expect(edited).not.toContain(field)
})

test('the kind of guidance and a sampler for distilled models decide as they do in the form', () => {
  const axesOf = (guidance: 'embedded' | 'none', scheduler: 'lcm' | 'tcd') =>
    availableAxes(aModel({ guidance }), { prompt: 'a fox' }, { scheduler })
  expect(axesOf('embedded', 'tcd')).toEqual(expect.arrayContaining(['guidance', 'trueGuidance', 'originalSteps']))
  expect(axesOf('none', 'lcm')).toEqual(expect.arrayContaining(['trueGuidance', 'originalSteps']))
  expect(axesOf('none', 'lcm')).not.toContain('guidance')
})

test('an axis reaches into the parts of a request and leaves the rest of them as it is', () => {
  const base = {
    prompt: 'a fox',
    negativePrompt: 'dark, rain',
    hires: { scale: 2, strength: 0.5 },
    controls: [{ net: 'a', image: 'i', scale: 1 }],
  }
  const cells = makeCells(
    base,
    { field: 'hires.scale', values: [1.5, 3], name: 'Scale' },
    { field: 'negativePrompt', values: ['rain', 'snow'] },
  )
  expect(cells.map(({ input }) => [input.hires, input.negativePrompt])).toEqual([
    [{ scale: 1.5, strength: 0.5 }, 'dark, rain'],
    [{ scale: 3, strength: 0.5 }, 'dark, rain'],
    [{ scale: 1.5, strength: 0.5 }, 'dark, snow'],
    [{ scale: 3, strength: 0.5 }, 'dark, snow'],
  ])
  const [control] = makeCells(base, { field: 'controls.scale', values: [0.3], name: 'Weight' }, { field: 'none' })
  expect(control.input.controls).toEqual([{ net: 'a', image: 'i', scale: 0.3 }])
})
