/** Settings that the user keeps under a name, for one model each. What was written, the seed and the pictures are no part of them. */
import { z } from 'zod'
import { identifier } from './fields.ts'
import { generationInputSchema } from './generation.ts'
import { ownName } from './styles.ts'

/** Only what was chosen: the rest follows the model's recommendation, also when that changes. */
export const presetSettingsSchema = generationInputSchema
  .pick({
    negativePrompt: true,
    width: true,
    height: true,
    steps: true,
    guidance: true,
    guidanceRescale: true,
    scheduler: true,
    sigmaSchedule: true,
    clipSkip: true,
    hires: true,
    refiner: true,
    trueGuidance: true,
    originalSteps: true,
    vae: true,
    loras: true,
  })
  .strict()
export type PresetSettings = z.infer<typeof presetSettingsSchema>

export const presetSchema = z.strictObject({ model: identifier(), name: ownName(), settings: presetSettingsSchema })
export type Preset = z.infer<typeof presetSchema>

/** `replaces` is the name that it had before; absent for a new one. */
export const savePresetSchema = z.strictObject({ ...presetSchema.shape, replaces: z.string().optional() })
export const presetNameSchema = z.strictObject({ model: identifier(), name: z.string() })
