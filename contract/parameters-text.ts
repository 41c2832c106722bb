/**
 * Reads the `parameters` text that A1111's web UI writes into pictures, and others after it: the prompt, a line that begins
 * with "Negative prompt:", a last line of `Key: value` pairs whose values may be quoted. Values that mean nothing here, or
 * that no request may have, are left out. Writing it is main/imaging/parameters-text.ts.
 */
import { generationInputSchema, type GenerationInput, type SchedulerId, type SigmaSchedule } from './generation.ts'
import { SAMPLER_NAMES, SCHEDULE_NAMES } from './parameters-names.ts'

const PAIR = /\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)/g
const NEGATIVE = 'Negative prompt:'
/** A line of fewer pairs is a sentence of the prompt; A1111 decides so too. */
const FEWEST_PAIRS = 3
/** A1111 draws on the GPU unless it says otherwise; of programs that do not say who they are nothing is known. */
const BY_A1111 = /^v?\d/

/** null for a text that is none. */
export function parseParameters(text: string): GenerationInput | null {
  const lines = text.trim().split(/\r?\n/)
  const pairs = new Map([...(lines.at(-1) ?? '').matchAll(PAIR)].map(([, key = '', value = '']) => [key.trim(), value]))
  if (pairs.size < FEWEST_PAIRS || !pairs.has('Steps')) return null
  const words = lines.slice(0, -1)
  const at = words.findIndex(line => line.trimStart().startsWith(NEGATIVE))
  const [prompt, negative] = at === -1 ? [words, []] : [words.slice(0, at), words.slice(at)]
  return fitting({
    prompt: prompt.join('\n').trim(),
    negativePrompt: negative.join('\n').trim().slice(NEGATIVE.length).trim(),
    ...settingsIn(pairs),
  })
}

function settingsIn(pairs: ReadonlyMap<string, string>): Record<string, unknown> {
  const number = (key: string) => toNumber(pairs.get(key))
  const [, width, height] = /^(\d+)x(\d+)$/.exec(pairs.get('Size') ?? '') ?? []
  const skipped = number('Clip skip')
  return {
    steps: number('Steps'),
    ...samplerIn(pairs.get('Sampler') ?? '', pairs.get('Schedule type')),
    guidance: number('CFG scale'),
    guidanceRescale: number('CFG Rescale'),
    seed: number('Seed'),
    width: toNumber(width),
    height: toNumber(height),
    model: pairs.get('Model'),
    vae: pairs.get('VAE'),
    noiseSource: noiseIn(pairs),
    variationSeed: number('Variation seed'),
    variationStrength: number('Variation seed strength'),
    clipSkip: skipped === undefined ? undefined : skipped - 1, // the web UI counts from 1, which leaves none out
    hires: hiresIn(pairs, number),
  }
}

/** "DPM++ 2M Karras" is how versions before 1.9 named sampler and schedule in one. */
function samplerIn(name: string, type: string | undefined): { scheduler?: SchedulerId; sigmaSchedule?: SigmaSchedule } {
  const suffix = /\s(Karras|Exponential)$/i.exec(name)?.[1]
  const scheduler = keyOf(SAMPLER_NAMES, suffix === undefined ? name : name.slice(0, -suffix.length - 1))
  const sigmaSchedule = keyOf(SCHEDULE_NAMES, type ?? suffix ?? '')
  return {
    ...(scheduler === undefined ? {} : { scheduler }),
    ...(sigmaSchedule === undefined ? {} : { sigmaSchedule }),
  }
}

function keyOf<K extends string>(names: Readonly<Record<K, string | null>>, name: string): K | undefined {
  const wanted = name.trim().toLowerCase()
  return (Object.keys(names) as K[]).find(key => names[key]?.toLowerCase() === wanted)
}

function noiseIn(pairs: ReadonlyMap<string, string>): string | undefined {
  const said = pairs.get('RNG') ?? (BY_A1111.test(pairs.get('Version') ?? '') ? 'GPU' : undefined)
  return said === undefined ? undefined : said === 'CPU' ? 'torch-cpu' : 'torch-cuda'
}

function hiresIn(pairs: ReadonlyMap<string, string>, number: (key: string) => number | undefined) {
  const scale = number('Hires upscale')
  if (scale === undefined) return undefined
  const [steps, strength] = [number('Hires steps'), number('Denoising strength')]
  return {
    scale,
    ...(steps === undefined || steps === 0 ? {} : { steps }), // 0 is: as many as the first pass
    ...(strength === undefined ? {} : { strength }),
    from: (pairs.get('Hires upscaler') ?? '').startsWith('Latent') ? 'latents' : 'pixels',
  }
}

function toNumber(text: string | undefined): number | undefined {
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text)
  return Number.isFinite(value) ? value : undefined
}

function fitting({ prompt, ...raw }: Record<string, unknown> & { prompt: string }): GenerationInput {
  const { shape } = generationInputSchema
  const kept = Object.entries(raw).filter(([key, value]) => {
    const field = Object.entries(shape).find(([name]) => name === key)?.[1]
    return value !== undefined && field?.safeParse(value).success === true
  })
  return { prompt, ...Object.fromEntries(kept) }
}
