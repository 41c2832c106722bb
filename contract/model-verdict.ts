/** The verdict on a model's folder: what it is, what it can do, what is wrong. Read from headers and configs only; no weight is opened. */
import { z } from 'zod'
import { errorPayloadSchema } from './errors.ts'

export const MODEL_FAMILIES = ['sd1', 'sd2', 'sdxl', 'sdxl-refiner', 'sd3', 'flux'] as const
export type ModelFamily = (typeof MODEL_FAMILIES)[number]

/**
 * What the denoiser expects beside latents: nothing, mask and picture, a picture to edit, a picture to enlarge. Without a denoiser:
 * `controlnet`, and `super-resolution`, which makes pixels from pixels.
 */
export const MODEL_VARIANTS = ['base', 'inpaint', 'instruct', 'upscaler', 'controlnet', 'super-resolution'] as const
export type ModelVariant = (typeof MODEL_VARIANTS)[number]

export const MODEL_FEATURES = [
  'text-to-image',
  'image-to-image',
  'inpaint',
  'instruct',
  'upscale',
  'super-resolution',
  'refine',
  'controlnet',
  'clip-skip',
  'lora',
] as const
export type ModelFeature = (typeof MODEL_FEATURES)[number]

/** How the files differ from what current exporters write; each is handled, and told because it explains behaviour. */
export const LAYOUT_NOTES = [
  'no-model-index',
  'no-part-configs',
  'external-data',
  'static-shapes',
  'float16-io',
  'float16-weights',
  'int32-ids',
  'integer-timestep',
  'posterior-in-graph',
  'guidance-embedding',
  'controlnet-fused',
  'controlnet-residuals',
] as const
export type LayoutNote = (typeof LAYOUT_NOTES)[number]

export const graphTensorSchema = z.object({
  name: z.string(),
  dtype: z.string(),
  /** A string is a dynamic axis; null: the file does not say. */
  shape: z.array(z.union([z.number(), z.string()])).nullable(),
})
export type GraphTensor = z.infer<typeof graphTensorSchema>

export const modelComponentSchema = z.object({
  /** Folder name: "unet", "text_encoder_2". */
  name: z.string(),
  file: z.string(),
  /** Element type of most of its weights. */
  weightType: z.string(),
  inputs: z.array(graphTensorSchema),
  outputs: z.array(graphTensorSchema),
  /** Graph and the weight files that it refers to. */
  sizeBytes: z.number(),
})
export type ModelComponent = z.infer<typeof modelComponentSchema>

/** latents = (raw - mean) * scale / deviation: with one mean and deviation a channel, else the shift for all and 1. */
export const latentScalingSchema = z.object({
  scale: z.number(),
  shift: z.number(),
  means: z.array(z.number()).nullable(),
  deviations: z.array(z.number()).nullable(),
})
export type LatentScaling = z.infer<typeof latentScalingSchema>

/** What the published autoencoders were trained with: AMD's, Amuse's and the first exports come without configs. */
export const FAMILY_SCALING: Readonly<Record<ModelFamily, Pick<LatentScaling, 'scale' | 'shift'>>> = {
  sd1: { scale: 0.18215, shift: 0 },
  sd2: { scale: 0.18215, shift: 0 },
  sdxl: { scale: 0.13025, shift: 0 },
  'sdxl-refiner': { scale: 0.13025, shift: 0 },
  sd3: { scale: 1.5305, shift: 0.0609 },
  flux: { scale: 0.3611, shift: 0.1159 },
}

export const modelVerdictSchema = z.object({
  usable: z.boolean(),
  family: z.enum(MODEL_FAMILIES).nullable(),
  variant: z.enum(MODEL_VARIANTS).nullable(),
  /** For people: "Stable Diffusion 1.x, inpainting". */
  title: z.string(),
  components: z.array(modelComponentSchema),
  layout: z.array(z.enum(LAYOUT_NOTES)),
  features: z.array(z.enum(MODEL_FEATURES)),
  /** Last layers of the text encoder that can be left out. */
  maxClipSkip: z.int(),
  latentChannels: z.int().nullable(),
  /** Pixels a latent side. */
  vaeFactor: z.int().nullable(),
  /** null: nothing says how its latents are scaled. */
  latentScaling: latentScalingSchema.nullable(),
  /** Sides that the graphs can do are multiples of this, in pixels. */
  sizeMultiple: z.int().nullable(),
  /** [height, width] in pixels. */
  nativeSize: z.tuple([z.int(), z.int()]).nullable(),
  /** The only size that the graphs can do, [height, width]; null when it is free. */
  fixedSize: z.tuple([z.int(), z.int()]).nullable(),
  scheduler: z.string().nullable(),
  predictionType: z.string().nullable(),
  /** What does not work although the model does, and what to do about it. */
  limits: z.array(z.string()),
  /** Why it cannot be used, the most telling first; empty when it can. */
  problems: z.array(errorPayloadSchema),
})
export type ModelVerdict = z.infer<typeof modelVerdictSchema>
