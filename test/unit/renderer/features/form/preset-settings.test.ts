import { expect, test } from 'vitest'
import { isApplied, presetSettingsOf } from '../../../../../renderer/features/form/preset-settings.ts'

test('a preset holds what was chosen and fits, not pictures, numbers of images or what is half written', () => {
  const chosen = {
    ...{ steps: 9, width: Number.NaN, images: 4, negativePrompt: '', scheduler: 'unipc' as const },
    ...{ controls: [{ net: 'canny', image: 'a'.repeat(64) }], hires: { scale: 2 } },
  }
  expect(presetSettingsOf(chosen)).toEqual({ steps: 9, scheduler: 'unipc', hires: { scale: 2 } })
})

test('a preset counts as applied when every setting is as it says, in any order', () => {
  expect(isApplied({ steps: 9, width: 64 }, { width: 64, steps: 9 })).toBe(true)
  expect(isApplied({ steps: 9 }, { steps: 9, width: 64 })).toBe(false)
  expect(isApplied({ steps: 9 }, {})).toBe(false)
})

test('a negative prompt counts only where the preset has one', () => {
  expect(isApplied({ steps: 9 }, { steps: 9, negativePrompt: 'rain' })).toBe(true)
  expect(isApplied({ steps: 9, negativePrompt: 'sun' }, { steps: 9, negativePrompt: 'rain' })).toBe(false)
})
