/**
 * The modules of diffusion transformers as the programs that trained them name them (FLUX: Black Forest Labs; SD 3: Stability),
 * which trainers of LoRAs took over. Where those have one matrix for queries, keys and values, diffusers has several: the
 * rows of a LoRA's upper matrix are theirs one after the other.
 *
 * Left out is what the two order differently (the last scale and shift): a LoRA that changes it is refused, not misapplied.
 */

type Names = Readonly<Record<string, readonly string[]>>

const JOINT = ['attn.to_q', 'attn.to_k', 'attn.to_v']
const ADDED = ['attn.add_q_proj', 'attn.add_k_proj', 'attn.add_v_proj']

/** Below `transformer_blocks.N`. */
const FLUX_DOUBLE: Names = {
  'img_attn.qkv': JOINT,
  'txt_attn.qkv': ADDED,
  'img_attn.proj': ['attn.to_out.0'],
  'txt_attn.proj': ['attn.to_add_out'],
  'img_mlp.0': ['ff.net.0.proj'],
  'img_mlp.2': ['ff.net.2'],
  'txt_mlp.0': ['ff_context.net.0.proj'],
  'txt_mlp.2': ['ff_context.net.2'],
  'img_mod.lin': ['norm1.linear'],
  'txt_mod.lin': ['norm1_context.linear'],
}
/** Below `single_transformer_blocks.N`. */
const FLUX_SINGLE: Names = {
  linear1: [...JOINT, 'proj_mlp'],
  linear2: ['proj_out'],
  'modulation.lin': ['norm.linear'],
}
/** Below `transformer_blocks.N`. */
const SD3_JOINT: Names = {
  'x_block.attn.qkv': JOINT,
  'context_block.attn.qkv': ADDED,
  'x_block.attn.proj': ['attn.to_out.0'],
  'context_block.attn.proj': ['attn.to_add_out'],
  'x_block.attn2.qkv': ['attn2.to_q', 'attn2.to_k', 'attn2.to_v'],
  'x_block.attn2.proj': ['attn2.to_out.0'],
  'x_block.mlp.fc1': ['ff.net.0.proj'],
  'x_block.mlp.fc2': ['ff.net.2'],
  'context_block.mlp.fc1': ['ff_context.net.0.proj'],
  'context_block.mlp.fc2': ['ff_context.net.2'],
  'x_block.adaLN_modulation.1': ['norm1.linear'],
}
const CONTEXT_NORM: Names = { 'context_block.adaLN_modulation.1': ['norm1_context.linear'] }

const ENDS: Names = {
  img_in: ['x_embedder'],
  txt_in: ['context_embedder'],
  'time_in.in_layer': ['time_text_embed.timestep_embedder.linear_1'],
  'time_in.out_layer': ['time_text_embed.timestep_embedder.linear_2'],
  'vector_in.in_layer': ['time_text_embed.text_embedder.linear_1'],
  'vector_in.out_layer': ['time_text_embed.text_embedder.linear_2'],
  'guidance_in.in_layer': ['time_text_embed.guidance_embedder.linear_1'],
  'guidance_in.out_layer': ['time_text_embed.guidance_embedder.linear_2'],
  'x_embedder.proj': ['pos_embed.proj'],
  't_embedder.mlp.0': ['time_text_embed.timestep_embedder.linear_1'],
  't_embedder.mlp.2': ['time_text_embed.timestep_embedder.linear_2'],
  'y_embedder.mlp.0': ['time_text_embed.text_embedder.linear_1'],
  'y_embedder.mlp.2': ['time_text_embed.text_embedder.linear_2'],
  'final_layer.linear': ['proj_out'],
}

/** Original name -> diffusers' modules in the order of its rows; of those that the network has all of. */
export function originalTransformerNames(modules: readonly string[]): Map<string, readonly string[]> {
  const known = new Set(modules)
  const names = new Map<string, readonly string[]>()
  const add = (original: string, own: string, all: Names): void => {
    for (const [name, targets] of Object.entries(all)) {
      const whole = targets.map(target => own + target)
      if (whole.every(module => known.has(module))) names.set(original + name, whole)
    }
  }
  const [double, single] = [
    countBlocks(modules, 'transformer_blocks'),
    countBlocks(modules, 'single_transformer_blocks'),
  ]
  add('', '', ENDS)
  for (let n = 0; n < double; n++) {
    add(`double_blocks.${n}.`, `transformer_blocks.${n}.`, FLUX_DOUBLE)
    // The last block's text is normed as the network's output is.
    add(
      `joint_blocks.${n}.`,
      `transformer_blocks.${n}.`,
      n === double - 1 ? SD3_JOINT : { ...SD3_JOINT, ...CONTEXT_NORM },
    )
  }
  for (let n = 0; n < single; n++) add(`single_blocks.${n}.`, `single_transformer_blocks.${n}.`, FLUX_SINGLE)
  return names
}

function countBlocks(modules: readonly string[], list: string): number {
  const numbers = modules.filter(name => name.startsWith(`${list}.`)).map(name => Number(name.split('.')[1]))
  return Math.max(-1, ...numbers) + 1
}
