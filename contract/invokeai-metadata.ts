/**
 * Reads what InvokeAI writes into its pictures: one flat JSON object under `invokeai_metadata`
 * (https://github.com/invoke-ai/InvokeAI, "core metadata"). Its prompts are weighted in compel's syntax, which is rewritten.
 */
import { z } from 'zod'
import { fileStem, lookUp, toForeignSettings, type ForeignSettings } from './foreign-settings.ts'
import { LORA_DEFAULTS, type Lora } from './loras.ts'
import type { SchedulerId, SigmaSchedule } from './generation.ts'

export const INVOKEAI_KEY = 'invokeai_metadata'

const SAMPLERS: Readonly<Record<string, SchedulerId>> = {
  ddim: 'ddim',
  ddpm: 'ddpm',
  deis: 'deis',
  lms: 'lms',
  pndm: 'pndm',
  heun: 'heun',
  euler: 'euler',
  euler_a: 'euler-ancestral',
  kdpm_2: 'kdpm2',
  kdpm_2_a: 'kdpm2-ancestral',
  dpmpp_2s: 'dpmpp-2s',
  dpmpp_2m: 'dpmpp-2m',
  dpmpp_2m_sde: 'dpmpp-2m-sde',
  dpmpp_3m: 'dpmpp-3m',
  dpmpp_sde: 'dpmpp-sde',
  unipc: 'unipc',
  lcm: 'lcm',
  tcd: 'tcd',
}
/** Behind a sampler's name. */
const KARRAS = '_k'

const named = z.looseObject({ name: z.string().optional(), model_name: z.string().optional() })
const word = z.string().nullish()
const number = z.number().nullish()
const metadataSchema = z.looseObject({
  positive_prompt: word,
  negative_prompt: word,
  positive_style_prompt: word,
  width: number,
  height: number,
  seed: number,
  rand_device: word,
  cfg_scale: number,
  cfg_rescale_multiplier: number,
  steps: number,
  scheduler: word,
  clip_skip: number,
  model: named.nullish().catch(null),
  vae: named.nullish().catch(null),
  loras: z
    .array(z.looseObject({ model: named.optional(), lora: named.optional(), weight: z.number().optional() }))
    .nullish()
    .catch(null),
})
type Metadata = z.infer<typeof metadataSchema>

/** What has no counterpart, or belongs to pictures that are not there: said by its own name. */
const OTHERS: Readonly<Record<string, string>> = {
  controlnets: 'ControlNets',
  ipAdapters: 'IP adapters',
  t2iAdapters: 'T2I adapters',
  init_image: 'start picture',
  refiner_model: 'refiner',
  hrf_enabled: 'second pass',
  seamless_x: 'seamless tiling',
  seamless_y: 'seamless tiling',
  regions: 'regional prompts',
}

/** null for a text that is none. */
export function parseInvokeAi(json: string): ForeignSettings | null {
  const found = metadataSchema.safeParse(parseJson(json)).data
  if (found?.positive_prompt === undefined || found.positive_prompt === null) return null
  const left = leftOf(found)
  const sampler = found.scheduler ?? undefined
  const isKarras = sampler?.endsWith(KARRAS) === true
  const sigmaSchedule: SigmaSchedule | undefined = isKarras ? 'karras' : undefined
  return toForeignSettings(
    {
      prompt: fromCompel(found.positive_prompt),
      negativePrompt: fromCompel(found.negative_prompt ?? ''),
      width: found.width ?? undefined,
      height: found.height ?? undefined,
      seed: found.seed ?? undefined,
      noiseSource: found.rand_device === 'cuda' ? 'torch-cuda' : 'torch-cpu',
      steps: found.steps ?? undefined,
      guidance: found.cfg_scale ?? undefined,
      guidanceRescale: found.cfg_rescale_multiplier ?? undefined,
      clipSkip: found.clip_skip ?? undefined,
      scheduler: lookUp(SAMPLERS, isKarras ? sampler.slice(0, -KARRAS.length) : sampler, 'sampler', left),
      sigmaSchedule,
    },
    nameOf(found.model),
    left,
    lorasOf(found),
  )
}

function leftOf(found: Metadata): string[] {
  const style = found.positive_style_prompt ?? ''
  const vae = nameOf(found.vae)
  const others = Object.entries(OTHERS).flatMap(([key, name]) => (isSaid(found[key]) ? [name] : []))
  return [
    ...(vae === undefined ? [] : [`VAE ${vae}`]),
    ...(style === '' || style === found.positive_prompt ? [] : ['style prompt']),
    ...new Set(others),
  ]
}

function lorasOf({ loras }: Metadata): Lora[] {
  return (loras ?? []).flatMap(({ model, lora, weight = LORA_DEFAULTS.weight }) => {
    const name = nameOf(model ?? lora)
    return name === undefined ? [] : [{ name, weight }]
  })
}

function isSaid(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null && value !== false
}

function nameOf(model: z.infer<typeof named> | null | undefined): string | undefined {
  const name = model?.name ?? model?.model_name
  return name === undefined ? undefined : fileStem(name)
}

/** "(red fox)1.2" -> "(red fox:1.2)"; "fox++" -> "(fox:1.21)", "(red fox)-" -> "(red fox:0.9)". Each sign is a factor of 1.1 or 0.9. */
export function fromCompel(text: string): string {
  const weighed = (words: string, weight: number): string => `(${words}:${Number(weight.toFixed(3))})`
  const bySigns = (signs: string): number => (signs.startsWith('+') ? 1.1 : 0.9) ** signs.length
  return text
    .replaceAll(/\(([^()]+)\)(\d+(?:\.\d+)?)(?![\w.])/g, (_, words: string, by: string) => weighed(words, Number(by)))
    .replaceAll(/\(([^()]+)\)(\++|-+)(?!\w)/g, (_, words: string, signs: string) => weighed(words, bySigns(signs)))
    .replaceAll(
      /(?<![\p{L}\p{N}:-])([\p{L}\p{N}][\p{L}\p{N}'-]*?)(\++|-+)(?=[\s,.)]|$)/gu,
      (_, words: string, signs: string) => weighed(words, bySigns(signs)),
    )
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}
