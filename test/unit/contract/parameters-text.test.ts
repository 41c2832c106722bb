import { expect, test } from 'vitest'
import { parseParameters } from '#contract/parameters-text'
import { toParametersText } from '#imaging/parameters-text'
import { aRequest } from '#test/page-stores'

test("A1111's text is read: prompts over several lines, the old name of a sampler with its schedule, its own noise", () => {
  const text = [
    'a red fox, (snow:1.2)',
    'Steps: are not settings here',
    'Negative prompt: blurry,',
    'low quality',
    'Steps: 25, Sampler: DPM++ 2M Karras, CFG scale: 6.5, Seed: 123456, Size: 512x768, Model hash: abc, Model: anything, Clip skip: 2, Version: v1.6.0',
  ].join('\n')
  expect(parseParameters(text)?.input).toEqual({
    prompt: 'a red fox, (snow:1.2)\nSteps: are not settings here',
    negativePrompt: 'blurry,\nlow quality',
    ...{ steps: 25, scheduler: 'dpmpp-2m', sigmaSchedule: 'karras', guidance: 6.5, seed: 123456 },
    ...{ width: 512, height: 768, model: 'anything', clipSkip: 1, noiseSource: 'torch-cuda' },
  })
})

test('a second pass, a variation and a schedule of its own line are taken over', () => {
  const text =
    'a fox\nSteps: 20, Sampler: Euler, Schedule type: Beta, CFG scale: 7, Seed: 1, Denoising strength: 0.4, ' +
    'Hires upscale: 1.5, Hires steps: 0, Hires upscaler: Latent (nearest), Variation seed: 9, Variation seed strength: 0.2'
  expect(parseParameters(text)?.input).toMatchObject({
    negativePrompt: '',
    ...{ scheduler: 'euler', sigmaSchedule: 'beta', variationSeed: 9, variationStrength: 0.2 },
    hires: { scale: 1.5, strength: 0.4, from: 'latents' },
  })
})

test('what no request may have, and names that nobody knows, are left out, named, and spoil nothing', () => {
  const text =
    'a fox\nSteps: 20, Sampler: Restart, CFG scale: 700, Seed: -3, Size: 511x768, Model: my model (v2), ' +
    'Lora hashes: "a: 1, Steps: 3", Clip skip: 99'
  expect(parseParameters(text)).toEqual({
    input: { prompt: 'a fox', negativePrompt: '', steps: 20, height: 768 },
    model: 'my model (v2)',
    loras: [],
    left: ['sampler restart', 'guidance 700', 'seed -3', 'width 511', 'clipSkip 98'],
  })
})

test('a schedule that the sampler cannot follow is left to the model, and said', () => {
  const found = parseParameters(
    'a fox\nSteps: 20, Sampler: Euler a, Schedule type: Beta, CFG scale: 7, ADetailer model: face',
  )
  expect(found?.input).toEqual({
    ...{ prompt: 'a fox', negativePrompt: '', steps: 20, guidance: 7 },
    scheduler: 'euler-ancestral',
  })
  expect(found?.left).toEqual(['ADetailer model', 'schedule beta'])
})

test('a text without a line of settings is none', () => {
  expect(parseParameters('a fox in the snow')).toBeNull()
  expect(parseParameters('title: a fox, style: ink, mood: calm')).toBeNull()
  expect(parseParameters('')).toBeNull()
})

test("what Easel writes into its pictures is read back, as far as A1111's text says it", () => {
  const request = aRequest({
    ...{ prompt: 'a fox, in snow', negativePrompt: 'rain', steps: 33, seed: 77, width: 640, height: 384 },
    ...{ scheduler: 'unipc', sigmaSchedule: 'karras', guidance: 5.5, guidanceRescale: 0.3, clipSkip: 2 },
    ...{ variationSeed: 5, variationStrength: 0.25, noiseSource: 'torch-cuda' },
  })
  const { images: _, ...said } = request
  expect(parseParameters(toParametersText(request, { width: 640, height: 384, appVersion: '1.2.3' }))).toEqual({
    input: said,
    model: 'a-model',
    loras: [],
    left: [],
  })
})
