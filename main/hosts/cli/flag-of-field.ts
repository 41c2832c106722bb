/** The flag of a field of a request, so that a refusal speaks of what was typed: "edit.strength" -> "--strength". */
import { generationInputSchema } from '#contract/generation'
import { naming, withNames } from './rename-issues.ts'

/** Fields whose flag is named otherwise. */
const FLAGS: Readonly<Record<string, string>> = {
  prompt: 'prompt', // given without its flag
  edit: '--image',
  'edit.source': '--image',
  hires: '--hires-scale',
  refiner: '--refiner',
  'refiner.model': '--refiner',
}

export function flagOfField(path: string): string {
  const known = FLAGS[path]
  if (known !== undefined) return known
  const [field = ''] = path.split('.')
  if (!Object.hasOwn(generationInputSchema.shape, field)) return path // a flag already, or no field of a request
  if (field === 'loras') return '--lora'
  const control = /^controls\.\d+(?:\.(\w+))?$/.exec(path)
  if (control !== null) return `--control ${control[1] ?? ''}`.trimEnd()
  const own = path.startsWith('edit.area') ? 'area' : path.replace(/^edit\./, '')
  return `--${own.replaceAll('.', '-').replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
}

/** An `invalid-input` names flags instead of fields; all else stays as it is. */
export function toFlagWords(thrown: unknown): unknown {
  return withNames(thrown, flagOfField)
}

/** Runs `work`; an `invalid-input` that it throws names `--negative-prompt` instead of `negativePrompt`. */
export function inFlagWords<T>(work: () => T): T {
  return naming(flagOfField, work)
}
