/** What the user is shown of a model: its manifest's words, and the verdict on its files. Pure; nothing here knows a model by name. */
import { EDIT_LIMITS } from '#contract/edit'
import { SCHEDULERS, type SchedulerId } from '#contract/generation'
import type { ModelVerdict } from '#contract/model-verdict'
import type { ModelSummary } from '#contract/models'
import { fusedNetName } from '#contract/passes'
import { ORIGINAL_STEPS, samplerKind, samplersOfKind } from '#contract/samplers'
import { SCHEDULER_CONFIG } from './detect/folder-contents.ts'
import { INDEX_FILE, type Config, type ModelFacts } from './model-facts.ts'
import { recommendSettings, samplerOfModel } from './recommend.ts'

/** Shown for a model that cannot be used and whose graphs do not say: every size that a request may have fits. */
const ANY_SIZE = 8
const MAX_NOISE = EDIT_LIMITS.noiseLevel.max

export function judgeModel(facts: ModelFacts, verdict: ModelVerdict): ModelSummary {
  const { manifest } = facts
  return {
    id: manifest?.id ?? toId(facts.folderName),
    name: manifest?.name ?? facts.folderName,
    description: manifest?.description ?? null,
    licence: manifest?.licence ?? null,
    attribution: manifest?.attribution ?? [],
    sizeBytes: [...facts.files.values()].reduce((sum, bytes) => sum + bytes, 0),
    family: verdict.family,
    features: verdict.features,
    maxClipSkip: verdict.maxClipSkip,
    controlNets: controlNetsOf(verdict),
    vaes: [],
    samplers: samplersOf(verdict),
    guidance: guidanceOf(verdict),
    originalSteps: countOf(facts.configs.get(SCHEDULER_CONFIG), 'original_inference_steps') ?? ORIGINAL_STEPS,
    maxNoiseLevel: Math.min(countOf(facts.configs.get(INDEX_FILE), 'max_noise_level') ?? MAX_NOISE, MAX_NOISE),
    fixedSize: verdict.fixedSize,
    sizeMultiple: verdict.sizeMultiple ?? ANY_SIZE,
    nativeSize: verdict.fixedSize ?? verdict.nativeSize,
    recommended: { ...recommendSettings(verdict), ...manifest?.recommended },
    examples: manifest?.examples ?? [],
    knownWords: facts.knownWords,
    problem: verdict.problems[0] ?? null,
  }
}

function controlNetsOf({ features, components }: ModelVerdict): string[] {
  if (!features.includes('controlnet')) return []
  const fused = components.find(({ name }) => name === 'unet')?.inputs.find(({ name }) => name === 'controlnet_conds')
  if (fused !== undefined) return Array.from({ length: Number(fused.shape?.[0]) || 1 }, (_, i) => fusedNetName(i))
  return components.filter(({ inputs }) => inputs.some(({ name }) => name === 'controlnet_cond')).map(part => part.name)
}

/** Its own, and all of the kind that it was trained for; every one where its files do not say. */
function samplersOf(verdict: ModelVerdict): SchedulerId[] {
  const own = samplerOfModel(verdict)
  if (own === null) return [...SCHEDULERS]
  const fitting = samplersOfKind(verdict.predictionType === 'flow_prediction' ? 'flow' : samplerKind(own))
  return fitting.includes(own) ? fitting : [own, ...fitting]
}

function guidanceOf({ family, layout }: ModelVerdict): ModelSummary['guidance'] {
  if (layout.includes('guidance-embedding')) return 'embedded'
  return family === 'flux' ? 'none' : 'two-sided'
}

/** null where the config does not say it as a whole number. */
function countOf(config: Config | undefined, key: string): number | null {
  const value = config?.[key]
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null
}

/** Any folder name -> an id (see `identifier` in contract/fields.ts). */
export function toId(folderName: string): string {
  const cleaned = folderName
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 128)
  return cleaned === '' ? 'model' : cleaned
}
