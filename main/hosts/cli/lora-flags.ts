/** The flag `--lora NAME:WEIGHT` of `generate`. */
import type { GenerationInput } from '#contract/generation'
import { LORA_DEFAULTS, LORA_LIMITS, loraInputSchema, type LoraInput } from '#contract/loras'
import { invalidInput, showValue } from '#contract/parse'
import type { FlagSpec, ParsedWords } from './flags.ts'

const { min, max } = LORA_LIMITS.weight

export const LORA_FLAGS: readonly FlagSpec[] = [
  {
    name: 'lora',
    kind: 'text',
    repeats: true,
    placeholder: 'NAME:X',
    help: `change the model by a file of the folder loras, with a weight from ${min} to ${max} (default ${LORA_DEFAULTS.weight}); may be given several times`,
  },
]

/** Throws `invalid-input` that speaks of the flag. */
export function readLoras({ lists }: ParsedWords): Pick<GenerationInput, 'loras'> {
  const loras = (lists.get('lora') ?? []).map(readLora)
  return loras.length === 0 ? {} : { loras }
}

/** "detail:0.8"; a name may have colons too, as long as no number stands behind the last. */
function readLora(words: string): LoraInput {
  const [, name = '', weight = ''] = /^(.*):\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*$/s.exec(words) ?? []
  const parsed = loraInputSchema.safeParse(name === '' ? { name: words } : { name, weight: Number(weight) })
  if (parsed.success) return parsed.data
  const allowed = `NAME or NAME:WEIGHT with a weight from ${min} to ${max}`
  throw invalidInput([{ path: '--lora', value: showValue(words), allowed }])
}
