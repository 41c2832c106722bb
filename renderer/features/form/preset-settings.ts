/** What of the form belongs to a preset. Pure. */
import { presetSettingsSchema, type PresetSettings } from '#contract/presets'
import type { Choices } from '../../stores/draft-memory.ts'

/** Only what was chosen: the rest follows the model. Wrong values are kept out. */
export function presetSettingsOf(chosen: Choices): PresetSettings {
  const fields = Object.entries(presetSettingsSchema.shape)
  const kept = Object.entries(chosen).filter(([key, value]) => {
    const field = fields.find(([name]) => name === key)?.[1]
    return value !== undefined && value !== '' && field?.safeParse(value).success === true
  })
  return Object.fromEntries(kept)
}

/** Whether the form is as the preset has it; the negative prompt counts only where the preset has one. */
export function isApplied(preset: PresetSettings, present: PresetSettings): boolean {
  const { negativePrompt, ...settings } = present
  const compared = preset.negativePrompt === undefined ? settings : { ...settings, negativePrompt }
  return canonical(compared) === canonical(preset)
}

function canonical(settings: PresetSettings): string {
  return JSON.stringify(Object.entries(settings).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
