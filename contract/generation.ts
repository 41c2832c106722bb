/**
 * What decides the pixels, and nothing else. Limits and defaults of a generation stand here and nowhere else;
 * what belongs to a model (its good size, its steps) comes from the model's manifest as `recommended`.
 */
import { z } from 'zod'
import { editInputSchema, editSchema, resolveEdit } from './edit.ts'
import { lorasInputSchema, lorasSchema, resolveLoras } from './loras.ts'
import { identifier, numberInRange, oneOf, text, wholeNumber } from './fields.ts'
import { definedOnly, passesInputSchema, passesSchema, resolvePasses } from './passes.ts'

/** The samplers, named as the field names them; each equals one diffusers class (see main/pipeline/schedulers). */
export const SCHEDULERS = [
  'ddim',
  'euler',
  'euler-ancestral',
  'dpmpp-2m',
  'dpmpp-2m-sde',
  'dpmpp-3m',
  'dpmpp-2s',
  'dpmpp-sde',
  'unipc',
  'deis',
  'heun',
  'kdpm2',
  'kdpm2-ancestral',
  'lms',
  'pndm',
  'ddpm',
  'sa-solver',
  'lcm',
  'tcd',
  'ipndm',
  'edm-euler',
  'edm-dpmpp-2m',
  'consistency',
  'flow-match-euler',
  'flow-match-heun',
  'flow-match-lcm',
] as const
export type SchedulerId = (typeof SCHEDULERS)[number]

/** How the noise levels between the first and the last step are spaced; `model` is what the model's own config says. */
export const SIGMA_SCHEDULES = [
  'model',
  'karras',
  'exponential',
  'beta',
  'lu',
  'simple',
  'sgm-uniform',
  'align-your-steps',
  'trailing',
  'leading',
  'linspace',
] as const
export type SigmaSchedule = (typeof SIGMA_SCHEDULES)[number]

const BY_TIMESTEPS = ['simple', 'sgm-uniform', 'trailing', 'leading', 'linspace'] as const satisfies SigmaSchedule[]
const BY_SIGMAS = ['karras', 'exponential', 'beta'] as const satisfies SigmaSchedule[]
const MULTISTEP = ['model', ...BY_SIGMAS, 'lu', ...BY_TIMESTEPS, 'align-your-steps'] as const satisfies SigmaSchedule[]

/** The spacings that each sampler can follow. */
export const SIGMA_SCHEDULES_OF: Readonly<Record<SchedulerId, readonly SigmaSchedule[]>> = {
  ddim: ['model', ...BY_TIMESTEPS],
  euler: ['model', ...BY_SIGMAS, ...BY_TIMESTEPS, 'align-your-steps'],
  'euler-ancestral': ['model', ...BY_TIMESTEPS],
  'dpmpp-2m': MULTISTEP,
  'dpmpp-2m-sde': MULTISTEP,
  'dpmpp-3m': MULTISTEP,
  'dpmpp-2s': ['model', ...BY_SIGMAS, 'align-your-steps'],
  'dpmpp-sde': ['model', ...BY_SIGMAS, ...BY_TIMESTEPS],
  unipc: ['model', ...BY_SIGMAS, ...BY_TIMESTEPS],
  deis: ['model', ...BY_SIGMAS, ...BY_TIMESTEPS],
  heun: ['model', ...BY_SIGMAS, ...BY_TIMESTEPS, 'align-your-steps'],
  kdpm2: ['model', ...BY_SIGMAS, ...BY_TIMESTEPS],
  'kdpm2-ancestral': ['model', ...BY_SIGMAS, ...BY_TIMESTEPS],
  lms: ['model', ...BY_SIGMAS, ...BY_TIMESTEPS],
  pndm: ['model', ...BY_TIMESTEPS],
  ddpm: ['model', ...BY_TIMESTEPS, 'align-your-steps'],
  'sa-solver': ['model', ...BY_SIGMAS, ...BY_TIMESTEPS],
  lcm: ['model'],
  tcd: ['model'],
  ipndm: ['model'],
  'edm-euler': ['model', 'karras', 'exponential'],
  'edm-dpmpp-2m': ['model', 'karras', 'exponential'],
  consistency: ['model'],
  'flow-match-euler': ['model', ...BY_SIGMAS],
  'flow-match-heun': ['model'],
  'flow-match-lcm': ['model', ...BY_SIGMAS],
}

/** Whose random numbers: `torch-cpu` is diffusers', InvokeAI's and ComfyUI's noise, `torch-cuda` A1111's GPU noise. */
export const NOISE_SOURCES = ['torch-cpu', 'torch-cuda'] as const
export type NoiseSourceId = (typeof NOISE_SOURCES)[number]

export const LIMITS = {
  promptChars: 10_000,
  size: { min: 64, max: 4096, step: 8 },
  steps: { min: 1, max: 1000 },
  guidance: { min: 0, max: 50 },
  guidanceRescale: { min: 0, max: 1 },
  seed: { min: 0, max: Number.MAX_SAFE_INTEGER },
  images: { min: 1, max: 100 },
  variationStrength: { min: 0, max: 1 },
  /** Text encoders have 12 layers and more; what a model can do stands in its summary. */
  clipSkip: { min: 0, max: 12 },
} as const

/** `seed: -1` in an input asks for a drawn one. */
export const RANDOM_SEED = -1
/** Drawn seeds stay in the 32 bits that the torch CPU generator looks at, so that no two of them make one picture. */
export const DRAWN_SEED_MAX = 2 ** 32 - 1

const fields = {
  model: identifier(),
  prompt: text({ maxChars: LIMITS.promptChars }),
  negativePrompt: text({ maxChars: LIMITS.promptChars }),
  width: wholeNumber(LIMITS.size),
  height: wholeNumber(LIMITS.size),
  steps: wholeNumber(LIMITS.steps),
  /** Classifier-free guidance scale; 1 and below switch guidance off (and with it the negative prompt). */
  guidance: numberInRange(LIMITS.guidance),
  /** Lin et al. 2024 (arXiv 2305.08891), section 3.4; 0 is off. */
  guidanceRescale: numberInRange(LIMITS.guidanceRescale),
  scheduler: oneOf(SCHEDULERS),
  sigmaSchedule: oneOf(SIGMA_SCHEDULES),
  seed: wholeNumber(LIMITS.seed),
  noiseSource: oneOf(NOISE_SOURCES),
  /** A second seed whose noise is mixed in by slerp with this strength; strength 0 is off. */
  variationSeed: wholeNumber(LIMITS.seed),
  variationStrength: numberInRange(LIMITS.variationStrength),
  /** Last layers of the text encoder that are left out, for the prompt alone; 0 is as the model was trained. */
  clipSkip: wholeNumber(LIMITS.clipSkip),
  /** Image i of a request is the single image with seed + i. */
  images: wholeNumber(LIMITS.images),
}

/** Absent, the model does what it was made for. */
const rareFields = {
  /** Guidance by a negative prompt for networks that have guidance as an input too (FLUX dev); absent: off. */
  trueGuidance: numberInRange(LIMITS.guidance),
  /** Steps of the schedule that a latent consistency model was taught on; absent: what its config says. */
  originalSteps: wholeNumber(LIMITS.steps),
  /** Another autoencoder between latents and pixels, one of the model's `vaes`; absent: its own. */
  vae: identifier(),
}
const rareFieldsSchema = z.object(rareFields).partial()

/** What the texts of one image came out as. */
const imageTextSchema = z.strictObject({
  prompt: fields.prompt,
  negativePrompt: fields.negativePrompt,
  /** All that are used, where a choice may have brought one; absent: those of the request. */
  loras: lorasSchema.optional(),
})
export type ImageText = z.infer<typeof imageTextSchema>

/** Complete: every value in force is written down, which is what makes "same request, same pixels" checkable. */
export const generationRequestSchema = z.strictObject({
  ...fields,
  /** Pictures of the first version do not say it. */
  clipSkip: fields.clipSkip.default(0),
  /** One an image, where the prompts hold choices: drawn from the image's own seed when the request was accepted. */
  texts: z.array(imageTextSchema).optional(),
  ...rareFieldsSchema.shape,
  loras: lorasSchema.optional(),
  ...passesSchema.shape,
  edit: editSchema.optional(),
})
export type GenerationRequest = z.infer<typeof generationRequestSchema>

/** What a user sends: the prompt, and whatever they do not want left to the defaults. */
export const generationInputSchema = z.strictObject({
  ...z.object({ ...fields, seed: wholeNumber({ min: RANDOM_SEED, max: LIMITS.seed.max }) }).partial().shape,
  prompt: fields.prompt,
  ...rareFieldsSchema.shape,
  loras: lorasInputSchema.optional(),
  ...passesInputSchema.shape,
  /** Starts from a picture instead of from noise alone. */
  edit: editInputSchema.optional(),
})
export type GenerationInput = z.infer<typeof generationInputSchema>

/** What holds where neither the user nor the model's manifest says otherwise. */
export const GENERATION_DEFAULTS = {
  negativePrompt: '',
  width: 512,
  height: 512,
  steps: 20,
  guidance: 7.5,
  guidanceRescale: 0,
  scheduler: 'ddim',
  sigmaSchedule: 'model',
  seed: RANDOM_SEED,
  noiseSource: 'torch-cpu',
  variationSeed: 0,
  variationStrength: 0,
  clipSkip: 0,
  images: 1,
} as const satisfies Omit<GenerationInput, 'prompt' | 'model' | 'edit'>

/** Settings that a model's manifest may recommend. */
export const recommendedSettingsSchema = generationRequestSchema
  .pick({
    width: true,
    height: true,
    steps: true,
    guidance: true,
    guidanceRescale: true,
    scheduler: true,
    sigmaSchedule: true,
  })
  .partial()
export type RecommendedSettings = z.infer<typeof recommendedSettingsSchema>

/**
 * Input + the model's recommendation + defaults -> the complete request.
 * `drawSeed` is called only when the input asks for a random seed; it returns a whole number from 0 to DRAWN_SEED_MAX.
 */
export function resolveRequest(
  input: GenerationInput,
  model: { id: string; recommended: RecommendedSettings },
  drawSeed: () => number,
): GenerationRequest {
  const { edit, hires, controls, refiner, loras = [], ...settings } = input
  const merged = {
    ...GENERATION_DEFAULTS,
    ...definedOnly(model.recommended),
    ...definedOnly(settings),
    model: model.id,
  }
  const seed = merged.seed === RANDOM_SEED ? drawSeed() : merged.seed
  return {
    ...merged,
    seed,
    ...(loras.length === 0 ? {} : { loras: resolveLoras(loras) }),
    ...resolvePasses({ hires, controls, refiner }, merged),
    ...(edit === undefined ? {} : { edit: resolveEdit(edit) }),
  }
}

/** The request of image `index` alone: the one that makes the same pixels again, whatever became of the lists of words. */
export function requestOfImage({ texts, ...request }: GenerationRequest, index: number): GenerationRequest {
  return { ...request, ...texts?.[index], seed: request.seed + index, images: 1 }
}
