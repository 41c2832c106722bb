/** LoRAs for diffusion transformers: names of diffusers and of the original programs, whose joined matrices are several of diffusers'. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { applyLoras, applyToExport, type PartMaps } from '#graph/lora/apply-loras'
import type { StoredTensor, TensorMap } from '#graph/checkpoint/weights'
import { toSafetensors, type FloatArray } from '#test/safetensors'
import { scratchFolder } from '#test/scratch-folder'

const [WIDTH, HIDDEN, RANK] = [4, 12, 2]

/** [in, out], as an export's matrices are; the norms [out, in]. */
function network(blocks: number, rows: Readonly<Record<string, readonly [number, number]>>): TensorMap {
  const tensors = Array.from({ length: blocks }).flatMap((_, n) =>
    Object.entries(rows).map(([name, [inputs, outputs]]): [string, StoredTensor] => {
      const isTransposed = !name.includes('norm')
      const dims = isTransposed ? [inputs, outputs] : [outputs, inputs]
      const tensor = { name, file: '/model.onnx', dtype: 'float32', dims, start: 0, end: 0 } as const
      return [`${name.replace('.N.', `.${n}.`)}.weight`, { ...tensor, isTransposed }]
    }),
  )
  return new Map(tensors)
}

const square = [WIDTH, WIDTH] as const
const FLUX: PartMaps = {
  transformer: network(2, {
    'transformer_blocks.N.attn.to_q': square,
    'transformer_blocks.N.attn.to_k': square,
    'transformer_blocks.N.attn.to_v': square,
    'transformer_blocks.N.ff.net.2': [HIDDEN, WIDTH],
    'transformer_blocks.N.norm1.linear': [WIDTH, 6 * WIDTH],
    'single_transformer_blocks.N.attn.to_q': square,
    'single_transformer_blocks.N.attn.to_k': square,
    'single_transformer_blocks.N.attn.to_v': square,
    'single_transformer_blocks.N.proj_mlp': [WIDTH, HIDDEN],
  }),
  text_encoder: network(1, { 'text_model.encoder.layers.N.self_attn.q_proj': square }),
  text_encoder_2: network(1, { 'encoder.block.N.layer.0.SelfAttention.q': square }),
}
const SD3: PartMaps = {
  transformer: network(2, {
    'transformer_blocks.N.attn.add_q_proj': square,
    'transformer_blocks.N.attn.add_k_proj': square,
    'transformer_blocks.N.attn.add_v_proj': square,
    'transformer_blocks.N.attn.to_add_out': square,
    'transformer_blocks.N.norm1_context.linear': [WIDTH, 6 * WIDTH],
  }),
  text_encoder_3: network(1, { 'encoder.block.N.layer.0.SelfAttention.q': square }),
}

const numbers = (...dims: number[]): FloatArray => {
  const length = dims.reduce((product, side) => product * side, 1)
  return { dims, data: Float32Array.from({ length }, (_, i) => i + 1) }
}

async function lora(module: string, rows: number, inputs = WIDTH, roles = ['lora_down', 'lora_up']): Promise<string> {
  const file = join(await scratchFolder(), 'style.safetensors')
  const [down = '', up = ''] = roles
  const arrays = {
    [`${module}.${down}.weight`]: numbers(RANK, inputs),
    [`${module}.${up}.weight`]: numbers(rows, RANK),
  }
  await writeFile(file, toSafetensors(arrays))
  return file
}

/** Changed weights, each with the upper matrix that it gets. */
async function changesOf(maps: PartMaps, file: string) {
  const bytes = await readFile(file)
  const valuesOf = ({ start, end }: StoredTensor) => [
    ...new Float32Array(Uint8Array.from(bytes.subarray(start, end)).buffer),
  ]
  const { maps: changed } = await applyToExport(maps, [{ file, weight: 1 }])
  return Object.fromEntries(
    Object.entries(changed).flatMap(([part, map]) =>
      [...map].flatMap(([name, { changes = [] }]) => changes.map(({ up }) => [`${part} ${name}`, valuesOf(up)])),
    ),
  )
}

/** From 1 up, `count` rows after the first `skipped`. */
const rows = (skipped: number, count: number) => Array.from({ length: count * RANK }, (_, i) => skipped * RANK + i + 1)

it.each([
  ['kohya', 'lora_unet_double_blocks_1_img_attn_qkv', undefined],
  ['the original program', 'diffusion_model.double_blocks.1.img_attn.qkv', ['lora_A', 'lora_B']],
])('a joined matrix of %s is cut into those of diffusers, row by row', async (_, module, roles) => {
  const found = await changesOf(FLUX, await lora(module, 3 * WIDTH, WIDTH, roles))
  expect(found).toEqual({
    'transformer transformer_blocks.1.attn.to_q.weight': rows(0, WIDTH),
    'transformer transformer_blocks.1.attn.to_k.weight': rows(WIDTH, WIDTH),
    'transformer transformer_blocks.1.attn.to_v.weight': rows(2 * WIDTH, WIDTH),
  })
})

it('a single block’s first matrix is four of diffusers’, of different heights', async () => {
  const found = await changesOf(FLUX, await lora('lora_unet_single_blocks_0_linear1', 3 * WIDTH + HIDDEN))
  expect(found).toMatchObject({
    'transformer single_transformer_blocks.0.attn.to_v.weight': rows(2 * WIDTH, WIDTH),
    'transformer single_transformer_blocks.0.proj_mlp.weight': rows(3 * WIDTH, HIDDEN),
  })
  expect(Object.keys(found)).toHaveLength(4)
})

it.each([
  ['transformer.transformer_blocks.0.attn.to_q', WIDTH, WIDTH, 'transformer transformer_blocks.0.attn.to_q'],
  ['lora_transformer_transformer_blocks_0_ff_net_2', WIDTH, HIDDEN, 'transformer transformer_blocks.0.ff.net.2'],
  ['base_model.model.transformer_blocks.0.ff.net.2', WIDTH, HIDDEN, 'transformer transformer_blocks.0.ff.net.2'],
  ['lora_unet_double_blocks_0_img_mod_lin', 6 * WIDTH, WIDTH, 'transformer transformer_blocks.0.norm1.linear'],
  [
    'lora_te1_text_model_encoder_layers_0_self_attn_q_proj',
    WIDTH,
    WIDTH,
    'text_encoder text_model.encoder.layers.0.self_attn.q_proj',
  ],
  [
    'lora_te3_encoder_block_0_layer_0_SelfAttention_q',
    WIDTH,
    WIDTH,
    'text_encoder_2 encoder.block.0.layer.0.SelfAttention.q',
  ],
])('FLUX: %s', async (module, outputs, inputs, target) => {
  expect(Object.keys(await changesOf(FLUX, await lora(module, outputs, inputs)))).toEqual([`${target}.weight`])
})

it.each([
  [
    'lora_unet_joint_blocks_0_context_block_attn_proj',
    WIDTH,
    ['transformer transformer_blocks.0.attn.to_add_out.weight'],
  ],
  [
    'lora_unet_joint_blocks_0_context_block_adaLN_modulation_1',
    6 * WIDTH,
    ['transformer transformer_blocks.0.norm1_context.linear.weight'],
  ],
  [
    'lora_te3_encoder_block_0_layer_0_SelfAttention_q',
    WIDTH,
    ['text_encoder_3 encoder.block.0.layer.0.SelfAttention.q.weight'],
  ],
])('SD 3: %s', async (module, outputs, targets) => {
  expect(Object.keys(await changesOf(SD3, await lora(module, outputs)))).toEqual(targets)
})

it('what the original orders otherwise is refused with its name, not misapplied', async () => {
  const file = await lora('lora_unet_joint_blocks_1_context_block_adaLN_modulation_1', 6 * WIDTH)
  await expect(applyToExport(SD3, [{ file, weight: 1 }])).rejects.toMatchObject({
    code: 'model-incompatible',
    details: { tensor: 'lora_unet_joint_blocks_1_context_block_adaLN_modulation_1.lora_down.weight' },
  })
})

it('a joined matrix of another height is refused with the height that the model needs', async () => {
  const file = await lora('lora_unet_double_blocks_0_img_attn_qkv', 3 * WIDTH + 1)
  await expect(applyToExport(FLUX, [{ file, weight: 1 }])).rejects.toMatchObject({
    code: 'model-incompatible',
    details: { expected: [3 * WIDTH, RANK], actual: [3 * WIDTH + 1, RANK] },
  })
})

it('one for a transformer is refused by a U-Net', async () => {
  const file = await lora('transformer.transformer_blocks.0.attn.to_q', WIDTH)
  const unet = network(1, { 'mid_block.attentions.N.to_q': square })
  await expect(applyLoras({ unet }, [{ file, weight: 1 }])).rejects.toMatchObject({
    message: expect.stringContaining('fits nothing in this model') as string,
  })
})
