import { describe, expect, it } from 'vitest'
import { recommendSettings } from '#catalog/recommend'
import { recommendedSettingsSchema } from '#contract/generation'
import type { ModelVerdict } from '#contract/model-verdict'

const VERDICT: ModelVerdict = {
  usable: true,
  family: 'sd1',
  variant: 'base',
  title: '',
  components: [],
  layout: [],
  features: [],
  latentChannels: 4,
  vaeFactor: 8,
  latentScaling: null,
  maxClipSkip: 0,
  sizeMultiple: 64,
  nativeSize: [512, 768],
  fixedSize: null,
  scheduler: 'PNDMScheduler',
  predictionType: null,
  limits: [],
  problems: [],
}
const recommend = (changes: Partial<ModelVerdict>) => recommendSettings({ ...VERDICT, ...changes })

describe('what is recommended for a model without a manifest', () => {
  it("is its own sampler at its own size, with the application's steps", () => {
    expect(recommend({})).toEqual({ scheduler: 'pndm', height: 512, width: 768 })
  })

  it('is the one size that fixed graphs can do', () => {
    expect(recommend({ fixedSize: [256, 320] })).toMatchObject({ height: 256, width: 320 })
  })

  it('leaves out a size that no request may have, and a sampler that nobody knows', () => {
    expect(recommend({ nativeSize: [32, 32], scheduler: 'VQDiffusionScheduler' })).toEqual({})
  })

  it('is few steps for distilled models, without guidance by two sides', () => {
    expect(recommend({ layout: ['guidance-embedding'], scheduler: 'LCMScheduler' })).toMatchObject({
      scheduler: 'lcm',
      steps: 4,
    })
    expect(recommend({ family: 'flux', nativeSize: null })).toMatchObject({ steps: 4, guidance: 0, width: 1024 })
  })

  it.each(['sd1', 'sd2', 'sdxl', 'sdxl-refiner', 'sd3', 'flux', null] as const)(
    'is allowed by the contract for %s',
    family => {
      const settings = recommend({ family })
      expect(recommendedSettingsSchema.parse(settings)).toEqual(settings)
    },
  )
})
