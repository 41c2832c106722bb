import { expect, it } from 'vitest'
import { flagOfField } from '#hosts/cli/flag-of-field'

it.each([
  ['negativePrompt', '--negative-prompt'],
  ['prompt', 'prompt'],
  ['edit', '--image'],
  ['edit.source', '--image'],
  ['edit.mask', '--mask'],
  ['edit.strength', '--strength'],
  ['edit.noiseLevel', '--noise-level'],
  ['edit.extend.left', '--extend-left'],
  ['edit.area.right', '--area'],
  ['hires', '--hires-scale'],
  ['hires.from', '--hires-from'],
  ['refiner.model', '--refiner'],
  ['refiner.at', '--refiner-at'],
  ['controls.1.net', '--control net'],
  ['--out', '--out'],
  ['base64', 'base64'],
])('a refusal of %s speaks of %s', (field, flag) => {
  expect(flagOfField(field)).toBe(flag)
})
