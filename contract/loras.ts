/**
 * LoRAs: small files that change a model (Hu et al. 2021, arXiv 2106.09685). A request names them in a field; in a prompt
 * they may be written as A1111's web UI has it, `<lora:name:weight>`, which becomes the field when the request is accepted.
 */
import { z } from 'zod'
import type { ErrorPayload } from './errors.ts'
import { identifier, listOf, numberInRange } from './fields.ts'
import { invalidInput, showValue } from './parse.ts'

export const LORA_LIMITS = { weight: { min: -4, max: 4 }, count: 16, nameChars: 200 } as const
export const LORA_DEFAULTS = { weight: 1 } as const

const ALLOWED_NAME = `the name of a file in the folder loras, without ".safetensors"`
/** It is looked up in a list of files, never used as a path. */
function loraName() {
  return z
    .string({ error: ALLOWED_NAME })
    .min(1, { error: ALLOWED_NAME })
    .max(LORA_LIMITS.nameChars, { error: ALLOWED_NAME })
}

export const loraSchema = z.strictObject({
  name: loraName(),
  /** How much of it: 1 is as it was trained, 0 nothing; a negative one takes away what it adds. */
  weight: numberInRange(LORA_LIMITS.weight),
})
export type Lora = z.infer<typeof loraSchema>
export const loraInputSchema = loraSchema.partial({ weight: true })
export type LoraInput = z.infer<typeof loraInputSchema>

const COUNT = { min: 0, max: LORA_LIMITS.count } as const
export const lorasSchema = listOf(loraSchema, COUNT, 'LoRAs')
export const lorasInputSchema = listOf(loraInputSchema, COUNT, 'LoRAs')

export const listLorasSchema = z.strictObject({ model: identifier().optional() })

/** A file that may be chosen. */
export interface LoraSummary {
  name: string
  sizeBytes: number
  /** Why it cannot be used with the model that was asked for; null: it can, or no model was. */
  problem: ErrorPayload | null
}

export function resolveLoras(loras: readonly LoraInput[]): Lora[] {
  return loras.map(({ name, weight }) => ({ name, weight: weight ?? LORA_DEFAULTS.weight }))
}

const TAG = /<lora:([^<>:]*)(?::([^<>]*))?>/gi

/** A prompt without its tags, and what they say. Throws `invalid-input` naming `field` for a weight that is no number. */
export function takeLoras(prompt: string, field = 'prompt'): { prompt: string; loras: Lora[] } {
  const loras: Lora[] = []
  const words = prompt.replaceAll(TAG, (tag, name: string, written?: string) => {
    loras.push(parseTag(tag, name.trim(), written, field))
    return ''
  })
  return { prompt: words, loras }
}

function parseTag(tag: string, name: string, written: string | undefined, field: string): Lora {
  const weight = written === undefined ? LORA_DEFAULTS.weight : written.trim() === '' ? Number.NaN : Number(written)
  const parsed = loraSchema.safeParse({ name, weight })
  if (parsed.success) return parsed.data
  const { min, max } = LORA_LIMITS.weight
  const allowed = `<lora:name> or <lora:name:weight>, with one weight from ${min} to ${max}`
  throw invalidInput([{ path: field, value: showValue(tag), allowed }])
}

/** As it is written in a prompt. */
export function toLoraTag({ name, weight }: Lora): string {
  return `<lora:${name}:${weight}>`
}
