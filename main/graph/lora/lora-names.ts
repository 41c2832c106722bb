/**
 * What a tensor's name in a LoRA file says: which network it changes, which of its modules, and what it is in the product.
 * Three families of names occur: kohya's ("lora_unet_…_to_q.lora_down.weight", dots of the module as underscores), PEFT's
 * ("unet.….to_q.lora_A.weight") and those of diffusers before PEFT ("….attn1.processor.to_q_lora.down.weight").
 */

export const LORA_PARTS = ['unet', 'transformer', 'text_encoder', 'text_encoder_2', 'text_encoder_3'] as const
export type LoraPart = (typeof LORA_PARTS)[number]

export interface LoraName {
  part: LoraPart
  /** As the file has it, without the network's prefix: with dots or with underscores. */
  module: string
  role: 'down' | 'up' | 'mid' | 'alpha'
}

const ROLES: readonly (readonly [RegExp, LoraName['role']])[] = [
  [/(\.lora_down|\.lora_A(\.\w+)?|\.lora(_linear_layer)?\.down|_lora\.down)\.weight$/, 'down'],
  [/(\.lora_up|\.lora_B(\.\w+)?|\.lora(_linear_layer)?\.up|_lora\.up)\.weight$/, 'up'],
  [/\.lora_mid\.weight$/, 'mid'],
  [/\.alpha$/, 'alpha'],
]

/** The first that fits. A file of the U-Net alone, as diffusers once wrote it, has none; trainers call transformers "unet" too. */
const PREFIXES: readonly (readonly [RegExp, LoraPart])[] = [
  [/^lora_unet_/, 'unet'],
  [/^lora_te1?_/, 'text_encoder'],
  [/^lora_te2_/, 'text_encoder_2'],
  [/^lora_te3_/, 'text_encoder_3'],
  [/^lora_transformer_/, 'transformer'],
  [/^text_encoder_3\./, 'text_encoder_3'],
  [/^text_encoder_2\./, 'text_encoder_2'],
  [/^text_encoder\./, 'text_encoder'],
  [/^base_model\.model\.(?=text_model\.)/, 'text_encoder'],
  [/^transformer\.(?!text_model\.)/, 'transformer'],
  [/^(unet\.|base_model\.model\.|(model\.)?diffusion_model\.)?(?=[a-z])/, 'unet'],
]

/** Other ways to change a weight, whose formulas are not that of LoRA. */
const OTHER_KINDS: readonly (readonly [RegExp, string])[] = [
  [/\.(dora_scale|lora_magnitude_vector)(\.\w+)*$/, 'DoRA'],
  [/\.hada_\w+(\.weight)?$/, 'LoHa'],
  [/\.lokr_\w+(\.weight)?$/, 'LoKr'],
  [/\.(oft_\w+|oft_R\.weight|oft_blocks)$/, 'OFT'],
  [/\.(a1|a2|b1|b2)\.weight$/, 'GLoRA'],
]

/** null: the name means nothing to a LoRA. */
export function parseLoraName(name: string): LoraName | null {
  const role = ROLES.find(([pattern]) => pattern.test(name))
  const prefix = PREFIXES.find(([pattern]) => pattern.test(name))
  if (role === undefined || prefix === undefined) return null
  const module = name.replace(role[0], '').replace(prefix[0], '')
  return { part: prefix[1], module: newModuleName(module, prefix[1]), role: role[1] }
}

/** "DoRA" and the like, where a tensor of this name belongs to one. */
export function otherKindOf(name: string): string | null {
  return OTHER_KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? null
}

const TEXT_NAMES: Readonly<Record<string, string>> = { q: 'q_proj', k: 'k_proj', v: 'v_proj', out: 'out_proj' }

/** Attention of diffusers before PEFT: its layers hung on a processor, and had the same names in text encoders. */
function newModuleName(module: string, part: LoraPart): string {
  const plain = module.replace(/\.processor\./, '.')
  if (part.startsWith('text_encoder')) {
    return plain.replace(/\.self_attn\.to_(q|k|v|out)$/, (_, name: string) => `.self_attn.${TEXT_NAMES[name]}`)
  }
  return plain.replace(/\.to_out$/, '.to_out.0')
}
