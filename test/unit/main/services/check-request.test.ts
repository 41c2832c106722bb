/** Every refusal that the catalog can give, by model and field: none of them may wait until the job runs. */
import { expect, it } from 'vitest'
import { EDIT_DEFAULTS, type Edit } from '#contract/edit'
import { AppError } from '#contract/errors'
import type { GenerationRequest } from '#contract/generation'
import type { ModelSummary } from '#contract/models'
import { samplersOfKind } from '#contract/samplers'
import { checkRequest, type KnownModel } from '#services/check-request'
import { aModel, aRequest } from '#test/page-stores'

const SD: KnownModel['latents'] = {
  latentChannels: 4,
  vaeFactor: 8,
  latentScaling: { scale: 0.18215, shift: 0, means: null, deviations: null },
}
const XL = { ...SD, latentScaling: { scale: 0.13025, shift: 0, means: null, deviations: null } }
const noise = samplersOfKind('noise')

function model(id: string, changes: Partial<ModelSummary>, latents = SD): KnownModel {
  return { summary: aModel({ id, name: id, samplers: noise, ...changes }), latents }
}

const MODELS = {
  base: model('base', { features: ['text-to-image', 'image-to-image', 'inpaint', 'clip-skip'], maxClipSkip: 2 }),
  'without an encoder': model('blind', { features: ['text-to-image'] }),
  'of one size': model('fixed', { features: ['text-to-image', 'image-to-image', 'inpaint'], fixedSize: [64, 96] }),
  inpaint: model('inpaint', { features: ['inpaint'] }),
  instruct: model('instruct', { features: ['instruct'] }),
  upscaler: model('upscaler', { features: ['upscale'], maxNoiseLevel: 100 }),
  'super-resolution': model('sharp', { features: ['super-resolution'] }),
  refiner: model('refiner', { features: ['image-to-image', 'refine'], family: 'sdxl-refiner' }, XL),
  'a flow refiner': model('flowing', { features: ['refine'], samplers: samplersOfKind('flow') }, XL),
  xl: model('xl', { features: ['text-to-image', 'image-to-image', 'inpaint'], family: 'sdxl' }, XL),
  controlled: model('controlled', { features: ['text-to-image', 'controlnet'], controlNets: ['canny', 'depth'] }),
  sd3: model('sd3', { features: ['text-to-image', 'image-to-image'], family: 'sd3', samplers: samplersOfKind('flow') }),
  lcm: model('lcm', {
    features: ['text-to-image', 'image-to-image', 'inpaint'],
    guidance: 'embedded',
    originalSteps: 40,
  }),
  flux: model('flux', { features: ['text-to-image', 'image-to-image'], family: 'flux', guidance: 'embedded' }),
  schnell: model('schnell', { features: ['text-to-image'], family: 'flux', guidance: 'none' }),
  'that has nothing': model('bare', { features: [] }),
} satisfies Record<string, KnownModel>
type Name = keyof typeof MODELS

const ID = 'a'.repeat(64)
const edit = (changes: Partial<Edit> = {}): Edit => ({ ...EDIT_DEFAULTS, source: ID, ...changes })
const wider = { left: 8, top: 0, right: 0, bottom: 0 }
const area = { left: 0, top: 0, right: 8, bottom: 8 }
const hires = { scale: 2, strength: 0.6, steps: 20, from: 'latents' } as const
const control = { net: 'canny', image: ID, scale: 1, start: 0, end: 1, preprocessor: 'none' } as const

function check(name: Name, request: Partial<GenerationRequest>): void {
  const { id, samplers } = MODELS[name].summary
  const scheduler = samplers.includes('ddim') ? 'ddim' : samplers[0]
  const size = { width: 64, height: 64 }
  checkRequest(aRequest({ model: id, scheduler, ...size, ...request }), MODELS[name], Object.values(MODELS))
}

function refusalOf(name: Name, request: Partial<GenerationRequest>): AppError | null {
  try {
    check(name, request)
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown
    throw thrown
  }
  return null
}

const REFUSED: [Name, Partial<GenerationRequest>, string, string, RegExp][] = [
  ['instruct', {}, 'edit', 'no picture', /instruct changes pictures/],
  ['upscaler', {}, 'edit', 'no picture', /upscaler makes pictures larger/],
  ['super-resolution', {}, 'edit', 'no picture', /sharp makes pictures larger/],
  ['refiner', {}, 'edit', 'no picture', /finishes pictures/],
  ['that has nothing', {}, 'model', '"bare"', /no picture encoder/],
  ['without an encoder', { edit: edit() }, 'edit', 'a picture', /blind cannot start from a picture/],
  ['that has nothing', { edit: edit() }, 'edit', 'a picture', /bare cannot/],
  ['instruct', { edit: edit({ mask: ID }) }, 'edit.mask', 'a mask', /whole pictures only/],
  ['upscaler', { edit: edit({ mask: ID }) }, 'edit.mask', 'a mask', /makes whole pictures larger/],
  ['super-resolution', { edit: edit({ mask: ID }) }, 'edit.mask', 'a mask', /makes whole pictures larger/],
  ['refiner', { edit: edit({ mask: ID }) }, 'edit.mask', 'a mask', /whole pictures only/],
  ['instruct', { edit: edit({ area }) }, 'edit.area', 'an area', /no area/],
  ['upscaler', { edit: edit({ area }) }, 'edit.area', 'an area', /no area/],
  ['super-resolution', { edit: edit({ area }) }, 'edit.area', 'an area', /no area/],
  ['instruct', { edit: edit({ extend: wider }) }, 'edit.extend.left', '8', /^0:/],
  ['upscaler', { edit: edit({ extend: wider }) }, 'edit.extend.left', '8', /^0:/],
  ['super-resolution', { edit: edit({ extend: wider }) }, 'edit.extend.left', '8', /^0:/],
  ['upscaler', { edit: edit({ noiseLevel: 101 }) }, 'edit.noiseLevel', '101', /from 0 to 100/],
  ['super-resolution', { edit: edit(), images: 2 }, 'images', '2', /^1:/],
  ['base', { edit: edit({ strength: 0.04 }), steps: 20 }, 'edit.strength', '0.04', /at least 0.05 with 20 steps/],
  ['inpaint', { edit: edit({ strength: 0.3, mask: ID }), steps: 3 }, 'edit.strength', '0.3', /at least 0.34/],
  ['lcm', { scheduler: 'lcm', edit: edit({ strength: 0.1 }), steps: 8 }, 'edit.strength', '0.1', /0.2 with 8 of 40/],
  ['of one size', { width: 128 }, 'width', '128', /at most 96/],
  ['of one size', { height: 128 }, 'height', '128', /at most 64/],
  ['of one size', { hires }, 'hires', 'a second pass', /cannot make its pictures larger/],
  ['base', { clipSkip: 3 }, 'clipSkip', '3', /from 0 to 2/],
  ['flux', { clipSkip: 1 }, 'clipSkip', '1', /only the states of its last layer/],
  ['base', { scheduler: 'flow-match-euler' }, 'scheduler', '"flow-match-euler"', /fits base: ddim/],
  ['sd3', { scheduler: 'ddim' }, 'scheduler', '"ddim"', /fits sd3: flow-match-euler/],
  ['base', { scheduler: 'ddim', sigmaSchedule: 'karras' }, 'sigmaSchedule', '"karras"', /for ddim: model/],
  ['base', { originalSteps: 30 }, 'originalSteps', '30', /only with lcm or tcd/],
  ['lcm', { scheduler: 'lcm', steps: 41 }, 'steps', '41', /at most 40/],
  ['base', { scheduler: 'tcd', steps: 51 }, 'steps', '51', /at most 50/],
  ['base', { scheduler: 'lcm', steps: 9, originalSteps: 8 }, 'steps', '9', /at most 8/],
  ['base', { trueGuidance: 2 }, 'trueGuidance', '2', /by guidance alone/],
  ['lcm', { negativePrompt: 'blue' }, 'negativePrompt', '"blue"', /unless true guidance is above 1/],
  ['flux', { negativePrompt: 'blue', trueGuidance: 1 }, 'negativePrompt', '"blue"', /unless true guidance/],
  ['schnell', { negativePrompt: 'blue' }, 'negativePrompt', '"blue"', /schnell takes no notice/],
  ['base', { hires, edit: edit() }, 'hires', 'beside edit', /words alone/],
  ['xl', { hires, refiner: { model: 'refiner', at: 0.8 } }, 'hires', 'beside refiner', /one of the two/],
  ['inpaint', { hires }, 'hires', 'a second pass', /cannot make its pictures larger/],
  ['without an encoder', { hires: { ...hires, from: 'pixels' } }, 'hires.from', 'pixels', /no picture encoder/],
  ['base', { hires: { ...hires, steps: 4, strength: 0.2 } }, 'hires.strength', '0.2', /at least 0.25/],
  ['base', { width: 2048, hires: { ...hires, scale: 3 } }, 'hires.scale', '3, which makes 6144x192', /at most 2/],
  ['base', { controls: [control] }, 'controls.0.net', '"canny"', /base has no ControlNets/],
  ['controlled', { controls: [control, { ...control, net: 'x' }] }, 'controls.1.net', '"x"', /canny, depth/],
  ['controlled', { controls: [{ ...control, start: 0.5, end: 0.5 }] }, 'controls.0.start', '0.5', /less than end/],
  ['xl', { refiner: { model: 'xl', at: 0.8 } }, 'refiner.model', '"xl"', /one of refiner, flowing/],
  [
    'base',
    { refiner: { model: 'refiner', at: 0.8 } },
    'refiner.model',
    '"refiner", but its latents',
    /no refiner fits base/,
  ],
  ['xl', { refiner: { model: 'refiner', at: 0.8 }, edit: edit() }, 'refiner', 'beside edit', /words alone/],
  ['xl', { refiner: { model: 'flowing', at: 0.8 } }, 'scheduler', '"ddim"', /fits flowing too/],
  ['xl', { refiner: { model: 'refiner', at: 0 } }, 'refiner.at', '0', /more than 0/],
  ['xl', { refiner: { model: 'refiner', at: 1 } }, 'refiner.at', '1', /less than 1/],
]

it.each(REFUSED)('a model %s refuses %j by %s', (name, request, path, value, allowed) => {
  const refusal = refusalOf(name, request)
  expect(refusal).toMatchObject({ code: 'invalid-input', issues: [{ path }] })
  expect(refusal?.issues?.[0]?.value).toContain(value)
  expect(refusal?.issues?.[0]?.allowed).toMatch(allowed)
})

const ALLOWED: [Name, Partial<GenerationRequest>][] = [
  ['base', {}],
  ['base', { edit: edit() }],
  ['base', { edit: edit({ mask: ID, area, extend: wider }) }],
  ['base', { edit: edit({ strength: 0.05 }), steps: 20 }],
  ['base', { negativePrompt: 'blue', guidance: 1 }],
  ['base', { scheduler: 'lcm', steps: 8, originalSteps: 8 }],
  ['base', { scheduler: 'tcd', steps: 99, originalSteps: 50 }],
  ['base', { hires }],
  ['inpaint', {}],
  ['inpaint', { edit: edit() }],
  ['inpaint', { edit: edit({ mask: ID }) }],
  ['instruct', { edit: edit({ strength: 0.01 }) }],
  ['upscaler', { edit: edit({ strength: 0.01, noiseLevel: 100 }) }],
  ['super-resolution', { edit: edit({ strength: 0.01 }) }],
  ['refiner', { edit: edit() }],
  ['of one size', { width: 72, height: 64 }],
  ['sd3', { scheduler: 'flow-match-euler', edit: edit({ strength: 0.01 }), steps: 20 }],
  ['lcm', { scheduler: 'lcm', edit: edit({ strength: 0.1 }), steps: 4 }],
  ['lcm', { scheduler: 'lcm', edit: edit({ strength: 0.5, mask: ID }), steps: 2 }],
  ['lcm', { scheduler: 'lcm', hires: { ...hires, steps: 4, strength: 0.1 } }],
  ['flux', { negativePrompt: 'blue', trueGuidance: 2 }],
  ['schnell', { trueGuidance: 2, negativePrompt: 'blue' }],
  ['controlled', { controls: [control, { ...control, net: 'depth', start: 0.2, end: 0.5 }] }],
  ['xl', { refiner: { model: 'refiner', at: 0.5 } }],
]

it.each(ALLOWED)('a model %s does not refuse %j', (name, request) => {
  expect(refusalOf(name, request)).toBeNull()
})
