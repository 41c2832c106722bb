/** Models as the user sees them, and the manifest that may lie in a model's folder. */
import { z } from 'zod'
import { identifier } from './fields.ts'
import { recommendedSettingsSchema, SCHEDULERS } from './generation.ts'
import { errorPayloadSchema } from './errors.ts'
import { MODEL_FAMILIES, MODEL_FEATURES } from './model-verdict.ts'

/** `manifest.json` beside `model_index.json`: what the files themselves do not say. Every field but id and name may be absent. */
export const modelManifestSchema = z.strictObject({
  id: identifier(),
  name: z.string(),
  description: z.string().optional(),
  licence: z.string().optional(),
  attribution: z.array(z.string()).optional(),
  /** File with the words that a closed-vocabulary model understands (see knownWordsSchema). */
  knownWords: z.string().optional(),
  /** Prompts that show what the model can do. */
  examples: z.array(z.string()).optional(),
  recommended: recommendedSettingsSchema.optional(),
  /** Linear map from latents (scaled space) to RGB in 0..1 for previews: rgb = latent . matrix + bias. */
  latentPreview: z
    .object({ matrix: z.array(z.array(z.number()).length(3)), bias: z.array(z.number()).length(3) })
    .optional(),
})
export type ModelManifest = z.infer<typeof modelManifestSchema>

/** Groups of words by kind ("nouns", "colours", ...): whatever kinds the file has. */
export const knownWordsSchema = z.record(z.string(), z.array(z.string()))
export type KnownWords = z.infer<typeof knownWordsSchema>

export const modelSummarySchema = z.object({
  id: identifier(),
  name: z.string(),
  description: z.string().nullable(),
  licence: z.string().nullable(),
  attribution: z.array(z.string()),
  sizeBytes: z.number(),
  /** null: its files do not say. */
  family: z.enum(MODEL_FAMILIES).nullable(),
  features: z.array(z.enum(MODEL_FEATURES)),
  /** Last layers of the text encoder that can be left out; 0 where it gives only the last. */
  maxClipSkip: z.int(),
  /** Folders of the ControlNets that it has; what `controls` may name. */
  controlNets: z.array(z.string()),
  /** Autoencoders that work in its latents, beside its own: of other models and of the folder `vae`; what `vae` may name. */
  vaes: z.array(identifier()),
  /** Samplers that fit what it was trained for. */
  samplers: z.array(z.enum(SCHEDULERS)),
  /**
   * `two-sided`: the guidance scale compares the prompt with the negative one. `embedded`: the network takes the scale
   * itself, and a negative prompt needs `trueGuidance`. `none`: it was distilled without either, and `trueGuidance` adds it.
   */
  guidance: z.enum(['two-sided', 'embedded', 'none']),
  /** Steps that its distilled samplers (LCM, TCD) choose from where the request does not say. */
  originalSteps: z.int(),
  /** Of models that make pictures larger: train steps of noise that they were taught with. */
  maxNoiseLevel: z.int(),
  /** Width and height are rendered at multiples of this and cropped to what was asked. */
  sizeMultiple: z.int(),
  /** The only size that it can make, [height, width] in pixels; null when it is free. */
  fixedSize: z.tuple([z.int(), z.int()]).nullable(),
  /** Size it was trained at, [height, width] in pixels. */
  nativeSize: z.tuple([z.int(), z.int()]).nullable(),
  recommended: recommendedSettingsSchema,
  examples: z.array(z.string()),
  knownWords: knownWordsSchema.nullable(),
  /** Why it cannot be used; null when it can. */
  problem: errorPayloadSchema.nullable(),
})
export type ModelSummary = z.infer<typeof modelSummarySchema>

export const modelIdSchema = z.strictObject({ id: identifier() })
