/**
 * What PEFT's settings say of a LoRA where its tensors do not: diffusers keeps them as JSON in the file's metadata
 * (https://huggingface.co/docs/peft/package_reference/lora). Files without them have alpha = rank.
 */
import { z } from 'zod'
import type { LoraPart } from './lora-names.ts'

export interface AdapterConfig {
  /** null: nothing is said. */
  alphaOf(part: LoraPart, module: string): number | null
  /** What alpha is divided by. */
  divisorOf(part: LoraPart, rank: number): number
}

const KEY = 'lora_adapter_metadata'
const settings = z.looseObject({
  lora_alpha: z.number().optional(),
  alpha_pattern: z.record(z.string(), z.number()).optional(),
  use_rslora: z.boolean().optional(),
})

export function readAdapterConfig(metadata: Readonly<Record<string, string>>): AdapterConfig {
  const all = parse(metadata[KEY])
  const of = (part: LoraPart) => settings.safeParse(below(all, `${part}.`)).data ?? {}
  return {
    alphaOf(part, module) {
      const { alpha_pattern: byModule = {}, lora_alpha: usual } = of(part)
      const own = Object.entries(byModule).find(([name]) => module === name || module.endsWith(`.${name}`))
      return own?.[1] ?? usual ?? null
    },
    // Rank-stabilised (Kalajdzievski 2023, arXiv 2312.03732): alpha / sqrt(rank).
    divisorOf: (part, rank) => (of(part).use_rslora === true ? Math.sqrt(rank) : rank),
  }
}

function parse(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined) return {}
  try {
    return z.record(z.string(), z.unknown()).safeParse(JSON.parse(text)).data ?? {}
  } catch {
    return {} // some other program's key of this name
  }
}

/** "unet.lora_alpha" -> "lora_alpha" */
function below(all: Readonly<Record<string, unknown>>, prefix: string): Record<string, unknown> {
  const own = Object.entries(all).filter(([key]) => key.startsWith(prefix))
  return Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value]))
}
