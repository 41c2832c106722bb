/**
 * Reads the `parameters` text that A1111's web UI writes into pictures, and others after it: the prompt, a line that begins
 * with "Negative prompt:", a last line of `Key: value` pairs whose values may be quoted. Writing it is main/imaging/parameters-text.ts.
 */
import { lookUp, toForeignSettings, type ForeignSettings } from './foreign-settings.ts'
import { identifier } from './fields.ts'
import type { SchedulerId, SigmaSchedule } from './generation.ts'
import { SAMPLER_NAMES, SCHEDULE_NAMES } from './parameters-names.ts'

const PAIR = /\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)/g
const NEGATIVE = 'Negative prompt:'
/** A line of fewer pairs is a sentence of the prompt; A1111 decides so too. */
const FEWEST_PAIRS = 3
/** A1111 draws on the GPU unless it says otherwise; of programs that do not say who they are nothing is known. */
const BY_A1111 = /^v?\d/
const READ = new Set([
  ...['Steps', 'Sampler', 'Schedule type', 'CFG scale', 'CFG Rescale', 'Seed', 'Size', 'Model', 'VAE', 'RNG'],
  ...['Variation seed', 'Variation seed strength', 'Clip skip'],
  ...['Hires upscale', 'Hires steps', 'Hires upscaler', 'Denoising strength'],
])
/** Who wrote it, and fingerprints of what is named anyway. */
const SAID_OTHERWISE = /^(Version|.*[Hh]ash(es)?)$/

/** null for a text that is none. */
export function parseParameters(text: string): ForeignSettings | null {
  const lines = text.trim().split(/\r?\n/)
  const pairs = new Map([...(lines.at(-1) ?? '').matchAll(PAIR)].map(([, key = '', value = '']) => [key.trim(), value]))
  if (pairs.size < FEWEST_PAIRS || !pairs.has('Steps')) return null
  const words = lines.slice(0, -1)
  const at = words.findIndex(line => line.trimStart().startsWith(NEGATIVE))
  const [prompt, negative] = at === -1 ? [words, []] : [words.slice(0, at), words.slice(at)]
  const left = [...pairs.keys()].filter(key => !READ.has(key) && !SAID_OTHERWISE.test(key))
  const settings = {
    prompt: prompt.join('\n').trim(),
    negativePrompt: negative.join('\n').trim().slice(NEGATIVE.length).trim(),
    ...settingsIn(pairs, left),
  }
  return toForeignSettings(settings, pairs.get('Model'), left)
}

function settingsIn(pairs: ReadonlyMap<string, string>, left: string[]): Record<string, unknown> {
  const number = (key: string) => toNumber(pairs.get(key))
  const [, width, height] = /^(\d+)x(\d+)$/.exec(pairs.get('Size') ?? '') ?? []
  const skipped = number('Clip skip')
  return {
    steps: number('Steps'),
    ...samplerIn(pairs.get('Sampler') ?? '', pairs.get('Schedule type'), left),
    guidance: number('CFG scale'),
    guidanceRescale: number('CFG Rescale'),
    seed: number('Seed'),
    width: toNumber(width),
    height: toNumber(height),
    ...idOf('model', pairs.get('Model')),
    ...idOf('vae', pairs.get('VAE')),
    noiseSource: noiseIn(pairs),
    variationSeed: number('Variation seed'),
    variationStrength: number('Variation seed strength'),
    clipSkip: skipped === undefined ? undefined : skipped - 1, // the web UI counts from 1, which leaves none out
    hires: hiresIn(pairs, number),
  }
}

/** "DPM++ 2M Karras" is how versions before 1.9 named sampler and schedule in one. */
function samplerIn(name: string, type: string | undefined, left: string[]) {
  const suffix = /\s(Karras|Exponential)$/i.exec(name)?.[1]
  const sampler = suffix === undefined ? name : name.slice(0, -suffix.length - 1)
  const schedule = (type ?? suffix ?? '').toLowerCase()
  return {
    scheduler: lookUp(SAMPLERS, sampler.trim().toLowerCase(), 'sampler', left),
    sigmaSchedule: AUTOMATIC.includes(schedule) ? undefined : lookUp(SCHEDULES, schedule, 'schedule', left),
  }
}

/** "Automatic" is the model's own, as is "Uniform" for every sampler that has one. */
const AUTOMATIC = ['automatic', 'uniform']
const SAMPLERS = byName<SchedulerId>(SAMPLER_NAMES)
const SCHEDULES = byName<SigmaSchedule>(SCHEDULE_NAMES)

function byName<K extends string>(names: Readonly<Record<K, string | null>>): Record<string, K> {
  const entries = Object.entries<string | null>(names)
  return Object.fromEntries(entries.flatMap(([id, name]) => (name === null ? [] : [[name.toLowerCase(), id as K]])))
}

/** A model of that name may be there; a name that is no id is only told. */
function idOf(field: 'model' | 'vae', name: string | undefined): Record<string, string> {
  return identifier().safeParse(name).success && name !== undefined ? { [field]: name } : {}
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
