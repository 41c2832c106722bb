/** What the user has chosen once and for all. Defaults stand in the schema; a file with unknown or wrong fields is mended field by field. */
import { z } from 'zod'
import { identifier, oneOf, wholeNumber } from './fields.ts'
import { MEMORY_LIMITS } from './memory.ts'
import { PROVIDER_CHOICES } from './providers.ts'

export const SETTING_LIMITS = {
  idleUnloadMinutes: { min: 0, max: 24 * 60 },
  threads: { min: 0, max: 256 },
} as const

export const settingsSchema = z.strictObject({
  theme: oneOf(['system', 'dark', 'light']).default('system'),
  /** The ground that pictures are seen on; `theme` goes with the theme. */
  stage: oneOf(['theme', 'black', 'grey', 'white']).default('theme'),
  /** null: the first usable model. */
  defaultModel: identifier().nullable().default(null),
  /** null: the images folder inside Easel's data folder. */
  imagesFolder: z.string().nullable().default(null),
  /** Minutes without a job after which a loaded model is dropped; 0 keeps it. */
  idleUnloadMinutes: wholeNumber(SETTING_LIMITS.idleUnloadMinutes).default(10),
  /** What a loaded model may take in memory, in MB, before its parts are closed in turn; 0: what the machine has free. */
  memoryMb: wholeNumber(MEMORY_LIMITS).default(0),
  /** Threads of the engine; 0: one a physical core, or as many as a container leaves it. */
  threads: wholeNumber(SETTING_LIMITS.threads).default(0),
  /** What computes the networks; where it does not work, the processor does, and the job says so. */
  provider: oneOf(PROVIDER_CHOICES).default('auto'),
})
export type Settings = z.infer<typeof settingsSchema>

export const DEFAULT_SETTINGS: Settings = settingsSchema.parse({})

/** A change of some settings; without the schema's defaults, or an absent field would reset its setting. */
export const settingsPatchSchema = z
  .strictObject({
    theme: settingsSchema.shape.theme.unwrap(),
    stage: settingsSchema.shape.stage.unwrap(),
    defaultModel: settingsSchema.shape.defaultModel.unwrap(),
    imagesFolder: settingsSchema.shape.imagesFolder.unwrap(),
    idleUnloadMinutes: settingsSchema.shape.idleUnloadMinutes.unwrap(),
    memoryMb: settingsSchema.shape.memoryMb.unwrap(),
    threads: settingsSchema.shape.threads.unwrap(),
    provider: settingsSchema.shape.provider.unwrap(),
  })
  .partial()
export type SettingsPatch = z.infer<typeof settingsPatchSchema>
