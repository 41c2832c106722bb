/** LoRA files of all name styles hung on weights that are only named here, and why one is refused. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { applyLoras, type PartMaps } from '#graph/lora/apply-loras'
import type { StoredTensor, TensorMap } from '#graph/checkpoint/weights'
import { toSafetensors, type FloatArray } from '#test/safetensors'
import { scratchFolder } from '#test/scratch-folder'
import { said } from '#test/said'

const QUERY = 'down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q'
const OUT = 'down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_out.0'
const CONV = 'down_blocks.0.resnets.0.conv1'

function weights(dims: Readonly<Record<string, readonly number[]>>): TensorMap {
  const tensor = (name: string, shape: readonly number[]): StoredTensor => ({
    name,
    file: '/model.safetensors',
    dtype: 'float32',
    dims: shape,
    start: 0,
    end: 0,
  })
  return new Map(Object.entries(dims).map(([name, shape]) => [`${name}.weight`, tensor(name, shape)]))
}

const MODEL: PartMaps = {
  unet: weights({
    conv_in: [6, 4, 3, 3],
    [QUERY]: [6, 6],
    [OUT]: [6, 6],
    [CONV]: [8, 6, 3, 3],
    'down_blocks.0.downsamplers.0.conv': [6, 6, 3, 3],
    'up_blocks.0.resnets.0.conv2': [6, 6, 3, 3],
    'up_blocks.0.upsamplers.0.conv': [6, 6, 3, 3],
    'mid_block.resnets.0.time_emb_proj': [6, 12],
  }),
  text_encoder: weights({ 'text_model.encoder.layers.0.self_attn.q_proj': [5, 5] }),
}

const zeros = (...dims: number[]): FloatArray => ({
  dims,
  data: new Float32Array(dims.reduce((product, side) => product * side, 1)),
})

async function lora(arrays: Record<string, FloatArray>, metadata?: Record<string, string>): Promise<string> {
  const file = join(await scratchFolder(), 'style.safetensors')
  await writeFile(file, toSafetensors(arrays, metadata))
  return file
}

async function changesOf(arrays: Record<string, FloatArray>, weight = 1, metadata?: Record<string, string>) {
  const { maps, notices } = await applyLoras(MODEL, [{ file: await lora(arrays, metadata), weight }])
  const changed = Object.values(maps).flatMap(map =>
    [...map].flatMap(([name, { changes = [] }]) => changes.map(({ scale }) => [name, scale] as const)),
  )
  return { changed, notices: said(notices) }
}

describe('names', () => {
  const pair = (down: string, up: string) => ({ [down]: zeros(2, 6), [up]: zeros(6, 2) })
  it.each([
    [
      'kohya',
      `lora_unet_${QUERY.replaceAll('.', '_')}.lora_down.weight`,
      `lora_unet_${QUERY.replaceAll('.', '_')}.lora_up.weight`,
      QUERY,
    ],
    [
      'kohya with original names',
      'lora_unet_input_blocks_1_1_transformer_blocks_0_attn1_to_q.lora_down.weight',
      'lora_unet_input_blocks_1_1_transformer_blocks_0_attn1_to_q.lora_up.weight',
      QUERY,
    ],
    ['PEFT', `unet.${QUERY}.lora_A.weight`, `unet.${QUERY}.lora_B.weight`, QUERY],
    [
      'PEFT without a prefix of diffusers',
      `base_model.model.${QUERY}.lora_A.weight`,
      `base_model.model.${QUERY}.lora_B.weight`,
      QUERY,
    ],
    [
      'diffusers before PEFT',
      `unet.${OUT.replace('.to_out.0', '')}.processor.to_out_lora.down.weight`,
      `unet.${OUT.replace('.to_out.0', '')}.processor.to_out_lora.up.weight`,
      OUT,
    ],
    [
      'the U-Net of the first diffusers alone',
      `${QUERY.replace('.to_q', '')}.processor.to_q_lora.down.weight`,
      `${QUERY.replace('.to_q', '')}.processor.to_q_lora.up.weight`,
      QUERY,
    ],
    [
      'original names with dots',
      'diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_q.lora_down.weight',
      'diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_q.lora_up.weight',
      QUERY,
    ],
  ])('of %s find the module', async (_, down, up, module) => {
    expect(await changesOf(pair(down, up))).toEqual({ changed: [[`${module}.weight`, 1]], notices: [] })
  })

  it.each([
    ['input_blocks_1_0_in_layers_2', CONV, [2, 6, 3, 3], [8, 2, 1, 1]],
    ['input_blocks_2_0_op', 'down_blocks.0.downsamplers.0.conv', [2, 6, 3, 3], [6, 2, 1, 1]],
    ['middle_block_0_emb_layers_1', 'mid_block.resnets.0.time_emb_proj', [2, 12], [6, 2]],
    ['output_blocks_0_0_out_layers_3', 'up_blocks.0.resnets.0.conv2', [2, 6, 3, 3], [6, 2, 1, 1]],
    ['output_blocks_0_1_conv', 'up_blocks.0.upsamplers.0.conv', [2, 6, 3, 3], [6, 2, 1, 1]],
    ['input_blocks_0_0', 'conv_in', [2, 4, 3, 3], [6, 2, 1, 1]],
  ])('of the original U-Net: %s is %s', async (original, module, down, up) => {
    const arrays = {
      [`lora_unet_${original}.lora_down.weight`]: zeros(...down),
      [`lora_unet_${original}.lora_up.weight`]: zeros(...up),
    }
    expect((await changesOf(arrays)).changed).toEqual([[`${module}.weight`, 1]])
  })

  it.each([
    'lora_te_text_model_encoder_layers_0_self_attn_q_proj',
    'lora_te1_text_model_encoder_layers_0_self_attn_q_proj',
    'text_encoder.text_model.encoder.layers.0.self_attn.q_proj',
  ])('of a text encoder: %s', async name => {
    const arrays = { [`${name}.lora_down.weight`]: zeros(2, 5), [`${name}.lora_up.weight`]: zeros(5, 2) }
    expect((await changesOf(arrays)).changed).toEqual([['text_model.encoder.layers.0.self_attn.q_proj.weight', 1]])
  })
})

describe('the scale', () => {
  const A = `unet.${QUERY}.lora_A.weight`
  const B = `unet.${QUERY}.lora_B.weight`
  const pair = { [A]: zeros(4, 6), [B]: zeros(6, 4) }
  const alphaOf = (array: FloatArray) => ({ ...pair, [`unet.${QUERY}.alpha`]: array })
  it.each<[string, Record<string, FloatArray>, Record<string, string> | undefined, number]>([
    ['is the weight where there is no alpha', pair, undefined, 0.5],
    ['has alpha / rank', alphaOf({ dims: [], data: Float32Array.of(2) }), undefined, 0.25],
    ['has an alpha of bfloat16', alphaOf({ dims: [], data: Uint16Array.of(0x40c0), dtype: 'BF16' }), undefined, 0.75],
    ['has an alpha of float16', alphaOf({ dims: [1], data: Uint16Array.of(0x4600), dtype: 'F16' }), undefined, 0.75],
    ['has the alpha of PEFT', pair, { lora_adapter_metadata: '{"unet.r": 4, "unet.lora_alpha": 8}' }, 1],
    [
      'has the alpha of PEFT for one module',
      pair,
      { lora_adapter_metadata: `{"unet.lora_alpha": 8, "unet.alpha_pattern": {"attn1.to_q": 12}}` },
      1.5,
    ],
    [
      'is stabilised by the rank where PEFT says so',
      pair,
      { lora_adapter_metadata: '{"unet.lora_alpha": 8, "unet.use_rslora": true}' },
      2,
    ],
  ])('%s', async (_, arrays, metadata, scale) => {
    expect((await changesOf(arrays, 0.5, metadata)).changed).toEqual([[`${QUERY}.weight`, scale]])
  })

  it('of 0 leaves the model as it is', async () => {
    expect((await changesOf(pair, 0)).changed).toEqual([])
  })
})

describe('what is not used is said', () => {
  it('when the model has no such module', async () => {
    const { notices } = await changesOf({
      [`unet.${QUERY}.lora_A.weight`]: zeros(2, 6),
      [`unet.${QUERY}.lora_B.weight`]: zeros(6, 2),
      'text_encoder_2.text_model.encoder.layers.0.mlp.fc1.lora_A.weight': zeros(2, 5),
      'text_encoder_2.text_model.encoder.layers.0.mlp.fc1.lora_B.weight': zeros(5, 2),
      'unet.something.else': zeros(1),
    })
    expect(notices).toEqual([
      'style.safetensors: 1 of its 2 parts are not used, as this model has none for them (text_encoder_2.text_model.encoder.layers.0.mlp.fc1.lora_A.weight).',
      'style.safetensors: 1 of its tensors are not used, as they are no part of a LoRA (unet.something.else).',
    ])
  })
})

describe('a file is refused', () => {
  const refusal = async (arrays: Record<string, FloatArray>, metadata?: Record<string, string>) =>
    applyLoras(MODEL, [{ file: await lora(arrays, metadata), weight: 1 }]).then(
      () => null,
      (error: unknown) => error,
    )
  const [A, B] = [`unet.${QUERY}.lora_A.weight`, `unet.${QUERY}.lora_B.weight`]

  it('when its shapes are those of another family, naming tensor and shapes', async () => {
    const arrays = { [A]: zeros(2, 9), [B]: zeros(6, 2) }
    expect(await refusal(arrays, { 'modelspec.architecture': 'stable-diffusion-v1/lora' })).toMatchObject({
      code: 'model-incompatible',
      message: `style.safetensors was made for another kind of model (it says stable-diffusion-v1/lora): ${A} is [2, 9], this model needs [2, 6].`,
      details: { file: 'style.safetensors', tensor: A, expected: [2, 6], actual: [2, 9] },
    })
    expect(await refusal({ [A]: zeros(2, 6), [B]: zeros(9, 2) })).toMatchObject({
      code: 'model-incompatible',
      details: { tensor: B, expected: [6, 2], actual: [9, 2] },
    })
  })

  it('when the model has none of its modules', async () => {
    const arrays = {
      'lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight': zeros(2, 6),
      'lora_unet_double_blocks_0_img_attn_qkv.lora_up.weight': zeros(6, 2),
    }
    expect(await refusal(arrays)).toMatchObject({
      code: 'model-incompatible',
      details: { tensor: 'lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight', actual: '[2, 6]' },
    })
  })

  it('when it holds no matrices at all', async () => {
    expect(await refusal({ 'first_stage_model.decoder.conv_in.weight': zeros(2, 6) })).toMatchObject({
      code: 'model-incompatible',
      message: expect.stringContaining('is no LoRA for Stable Diffusion') as unknown,
    })
  })

  it.each([
    ['dora_scale', 'DoRA'],
    ['hada_w1_a', 'LoHa'],
    ['lokr_w1', 'LoKr'],
  ])('when it changes weights by another formula: %s', async (end, kind) => {
    const arrays = { [A]: zeros(2, 6), [B]: zeros(6, 2), [`unet.${QUERY}.${end}`]: zeros(6, 1) }
    expect(await refusal(arrays)).toMatchObject({ code: 'model-incompatible', details: { actual: kind } })
  })

  it('when one of two matrices is missing or they do not fit each other', async () => {
    expect(await refusal({ [A]: zeros(2, 6) })).toMatchObject({ code: 'model-corrupt', details: { tensor: A } })
    expect(await refusal({ [A]: zeros(2, 6), [B]: zeros(6, 3) })).toMatchObject({
      code: 'model-corrupt',
      details: { tensor: B, actual: '[6, 3]' },
    })
  })
})
