/**
 * The modules of a network under every name that LoRA files give them: diffusers' own, the original ones (which kohya's
 * trainer takes for SDXL, FLUX and SD 3), both with dots as underscores. What an underscore stands for shows only in the list
 * of known modules.
 */
import { RESNET, UNET_ENDS } from '../checkpoint/original-names.ts'
import type { LoraPart } from './lora-names.ts'
import { originalTransformerNames } from './transformer-names.ts'

/** Name with underscores -> module; several where an original matrix is several of diffusers', in the order of its rows. */
export type ModuleNames = ReadonlyMap<string, readonly string[]>

/** `modules`: those of the network that have weights, as diffusers and transformers name them. */
export function namesOfModules(part: LoraPart, modules: Iterable<string>): ModuleNames {
  const known = [...modules]
  const names = new Map<string, readonly string[]>()
  const toOriginal = part === 'unet' ? originalNamesOf(known) : (): null => null
  for (const module of known) {
    const original = toOriginal(module)
    // Text encoders are named with and without their outermost module.
    const spellings = [module, module.replace(/^text_model\./, ''), ...(original === null ? [] : [original])]
    for (const name of spellings) if (!names.has(flat(name))) names.set(flat(name), [module])
  }
  if (part === 'transformer') {
    for (const [name, targets] of originalTransformerNames(known))
      if (!names.has(flat(name))) names.set(flat(name), targets)
  }
  return names
}

export function findModules(names: ModuleNames, module: string): readonly string[] {
  return names.get(flat(module)) ?? names.get(flat(module.replace(/^(transformer\.)?text_model[._]/, ''))) ?? []
}

function flat(name: string): string {
  return name.replaceAll('.', '_')
}

/** diffusers' blocks are numbered by level; the original ones through all levels, from 1 on the way down and from 0 up. */
function originalNamesOf(modules: readonly string[]): (module: string) => string | null {
  const has = (prefix: string): boolean => modules.some(module => `${module}.`.startsWith(prefix))
  const pairs: (readonly [string, string])[] = UNET_ENDS.map(([original, module]) => [module, original])
  let n = 1
  for (let level = 0; has(`down_blocks.${level}.`); level++) {
    for (let i = 0; has(`down_blocks.${level}.resnets.${i}.`); i++, n++) {
      pairs.push([`down_blocks.${level}.resnets.${i}.`, `input_blocks.${n}.0.`])
      pairs.push([`down_blocks.${level}.attentions.${i}.`, `input_blocks.${n}.1.`])
    }
    const down = `down_blocks.${level}.downsamplers.0.conv.`
    if (has(down)) pairs.push([down, `input_blocks.${n++}.0.op.`])
  }
  n = 0
  for (let level = 0; has(`up_blocks.${level}.`); level++) {
    for (let i = 0; has(`up_blocks.${level}.resnets.${i}.`); i++, n++) {
      pairs.push([`up_blocks.${level}.resnets.${i}.`, `output_blocks.${n}.0.`])
      pairs.push([`up_blocks.${level}.attentions.${i}.`, `output_blocks.${n}.1.`])
    }
    const place = has(`up_blocks.${level}.attentions.`) ? 2 : 1
    pairs.push([`up_blocks.${level}.upsamplers.0.conv.`, `output_blocks.${n - 1}.${place}.conv.`])
  }
  return module => {
    const whole = `${module}.`
    const pair = pairs.find(([prefix]) => whole.startsWith(prefix))
    if (pair === undefined) return null
    const rest = whole.slice(pair[0].length)
    const layer = /resnets\.\d+\.$/.test(pair[0]) ? RESNET.find(([, name]) => rest.startsWith(name)) : undefined
    const end = layer === undefined ? rest : layer[0] + rest.slice(layer[1].length)
    return (pair[1] + end).slice(0, -1)
  }
}
