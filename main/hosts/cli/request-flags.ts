/**
 * The fields of a request as flags: made from the contract's schema, so that none can be missing; only the words that
 * explain them stand here, and the compiler asks for each.
 */
import { z } from 'zod'
import type { InputIssue } from '#contract/errors'
import { GENERATION_DEFAULTS, generationInputSchema, type GenerationInput } from '#contract/generation'
import { invalidInput, parseInput } from '#contract/parse'
import { flagOfField, inFlagWords } from './flag-of-field.ts'
import type { FlagSpec, ParsedWords } from './flags.ts'

/** The rest has flags of its own: files stand in its place, or several values are one field. */
type Field = Exclude<keyof GenerationInput, 'edit' | 'hires' | 'controls' | 'refiner' | 'loras'>

const HELP: Readonly<Record<Field, string>> = {
  model: 'id of the model, see "models list"',
  prompt: 'what the picture shows; usually given without --prompt',
  negativePrompt: 'what it must not show; works with guidance above 1',
  width: 'in pixels',
  height: 'in pixels',
  steps: 'denoising steps: more is slower and finer',
  guidance: 'how closely to follow the prompt; 1 and below: not guided',
  guidanceRescale: 'takes back the overexposure of high guidance; 0 is off',
  scheduler: 'the sampler',
  sigmaSchedule: 'how the noise levels are spaced',
  seed: 'the same seed makes the same picture; -1 draws one',
  noiseSource: 'whose random numbers: diffusers, InvokeAI, ComfyUI (torch-cpu) or A1111 (torch-cuda)',
  variationSeed: 'a second seed, mixed in by --variation-strength',
  variationStrength: '0 is off, 1 is the variation seed alone',
  trueGuidance: 'guidance by the negative prompt for models with guidance built in (FLUX dev)',
  vae: "another autoencoder that fits the model: another model's id, or a folder's name in vae/ of the data folder",
  originalSteps: 'schedule that a latent consistency model was taught on',
  clipSkip: 'last layers of the text encoder to leave out; 0: as the model was trained',
  images: 'how many pictures; picture i has seed + i',
}

const FIELDS = Object.keys(generationInputSchema.shape).filter((name): name is Field => name in HELP)

const jsonField = z.object({
  type: z.string(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  multipleOf: z.number().optional(),
  enum: z.array(z.string()).optional(),
})
const jsonSchema = z.object({ properties: z.record(z.string(), jsonField) })
const PROPERTIES = jsonSchema.parse(z.toJSONSchema(generationInputSchema)).properties

export const REQUEST_FLAGS: readonly FlagSpec[] = FIELDS.map(field => {
  const { type, minimum, maximum, multipleOf, enum: words } = describe(field)
  const isNumber = type === 'number' || type === 'integer'
  const range = isNumber
    ? `${minimum} to ${maximum}${multipleOf === undefined ? '' : `, a multiple of ${multipleOf}`}`
    : ''
  const allowed = words === undefined ? range : words.join(', ')
  return {
    name: nameOfFlag(field),
    kind: isNumber ? 'number' : 'text',
    placeholder: isNumber ? (type === 'integer' ? 'N' : 'X') : words === undefined ? 'TEXT' : 'NAME',
    help: [HELP[field], allowed === '' ? '' : ` (${allowed})`, defaultOf(field)].join(''),
  }
})

/** Flags and words -> a request that fits the contract; throws `invalid-input` that speaks of flags. */
export function toGenerationInput({ flags, rest }: ParsedWords): GenerationInput {
  const raw: Record<string, unknown> = {}
  for (const field of FIELDS) {
    const value = flags.get(nameOfFlag(field))
    if (value !== undefined) raw[field] = value
  }
  const issue = promptIssue(rest, raw['prompt'] !== undefined)
  if (issue !== null) throw invalidInput([issue])
  if (rest[0] !== undefined) raw['prompt'] = rest[0]
  return inFlagWords(() => parseInput(generationInputSchema, raw))
}

function promptIssue(rest: readonly string[], hasFlag: boolean): InputIssue | null {
  const allowed = 'one text, in quotes: generate "a red apple on a blue background"'
  if (rest.length === 0 && !hasFlag) return { path: 'prompt', value: 'missing', allowed }
  if (rest.length > 1) return { path: 'prompt', value: `in ${rest.length} pieces: ${rest.join(' | ')}`, allowed }
  if (rest.length === 1 && hasFlag)
    return { path: 'prompt', value: 'given twice', allowed: 'once, with or without --prompt' }
  return null
}

/** Also of the prompt, whose flag is seldom written. */
function nameOfFlag(field: Field): string {
  return field === 'prompt' ? field : flagOfField(field).slice('--'.length)
}

function describe(field: Field): z.infer<typeof jsonField> {
  return PROPERTIES[field]
}

function defaultOf(field: Field): string {
  const value = Object.entries(GENERATION_DEFAULTS).find(([name]) => name === field)?.[1]
  return value === undefined || value === '' ? '' : `; default ${value}`
}
