/** What the picture of another program says about how it was made, as far as Easel has a word for it; the rest is named. */
import type { Lora } from './loras.ts'
import { generationInputSchema, SIGMA_SCHEDULES_OF, type GenerationInput } from './generation.ts'

export interface ForeignSettings {
  input: GenerationInput
  /** What its model is called there; an id only where the programs agree. */
  model: string | null
  /** By their files' names; whether they are here is for the reader to see. */
  loras: Lora[]
  /** What was said and not taken over, in short words: "sampler Restart", "ControlNet depth". */
  left: string[]
}

/** Raw values by the names of the contract; those that no request may have are left, by what `said` calls them. */
export function toForeignSettings(
  { prompt, ...raw }: Readonly<Record<string, unknown>> & { prompt: string },
  model: string | undefined,
  left: readonly string[],
  loras: readonly Lora[] = [],
): ForeignSettings {
  const { shape } = generationInputSchema
  const given = Object.entries(raw).filter(([, value]) => value !== undefined)
  const isFit = ([key, value]: [string, unknown]): boolean => {
    const field = Object.entries(shape).find(([name]) => name === key)?.[1]
    return field?.safeParse(value).success === true
  }
  const unfit = given.filter(entry => !isFit(entry)).map(([key, value]) => `${key} ${short(value)}`)
  const fit = Object.fromEntries(given.filter(isFit)) as Omit<GenerationInput, 'prompt'>
  const { sigmaSchedule, ...others } = fit
  const clashes = fit.scheduler !== undefined && !SIGMA_SCHEDULES_OF[fit.scheduler].includes(sigmaSchedule ?? 'model')
  return {
    input: { prompt, ...others, ...(sigmaSchedule === undefined || clashes ? {} : { sigmaSchedule }) },
    model: model ?? null,
    loras: [...loras],
    left: [...left, ...unfit, ...(clashes ? [`schedule ${sigmaSchedule}`] : [])],
  }
}

/** One of the names, where the program's word is among them; otherwise what is left. */
export function lookUp<T>(names: Readonly<Record<string, T>>, word: string | undefined, what: string, left: string[]) {
  if (word === undefined || word === '') return undefined
  const found = Object.hasOwn(names, word) ? names[word] : undefined
  if (found === undefined) left.push(`${what} ${word}`)
  return found
}

/** "models/sd15/dream.safetensors" -> "dream". */
export function fileStem(path: string): string {
  return (path.split(/[\\/]/).at(-1) ?? path).replace(/\.(safetensors|ckpt|pt|pth|bin|onnx|gguf)$/i, '')
}

function short(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return text.length > 40 ? `${text.slice(0, 39)}…` : text
}
