import { expect, test } from 'vitest'
import { applyStyle, applyStyles } from '#contract/styles'

test("the prompt goes where a style has {prompt}, and else before the style's words, as in A1111", () => {
  expect(applyStyle('a fox', 'photo of {prompt}, {prompt} in focus')).toBe('photo of a fox, a fox in focus')
  expect(applyStyle(' a fox ', ' film grain ')).toBe('a fox, film grain')
  expect(applyStyle('', 'film grain')).toBe('film grain')
  expect(applyStyle('a fox', '')).toBe('a fox')
})

test('styles are applied one after the other, to both prompts, and leave the rest of a request alone', () => {
  const styles = [
    { name: 'A', prompt: 'oil painting of {prompt}', negativePrompt: 'photo' },
    { name: 'B', prompt: 'gold frame', negativePrompt: '' },
  ]
  expect(applyStyles({ prompt: 'a fox', negativePrompt: 'rain', steps: 4 }, styles)).toEqual({
    prompt: 'oil painting of a fox, gold frame',
    negativePrompt: 'rain, photo',
    steps: 4,
  })
})

test('a prompt with a dollar sign is text', () => {
  expect(applyStyle("$& $'", '<{prompt}>')).toBe("<$& $'>")
})
