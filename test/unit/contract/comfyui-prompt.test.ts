import { expect, test } from 'vitest'
import { parseComfyUi } from '#contract/comfyui-prompt'

const read = (graph: unknown) => parseComfyUi(JSON.stringify(graph))

/** The workflow that ComfyUI opens with. */
const DEFAULT = {
  '3': {
    class_type: 'KSampler',
    inputs: {
      ...{ seed: 156680208700286, steps: 20, cfg: 8, sampler_name: 'dpmpp_2m', scheduler: 'karras', denoise: 1 },
      ...{ model: ['4', 0], positive: ['6', 0], negative: ['7', 0], latent_image: ['5', 0] },
    },
  },
  '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'sd15/dream shaper.safetensors' } },
  '5': { class_type: 'EmptyLatentImage', inputs: { width: 512, height: 768, batch_size: 1 } },
  '6': { class_type: 'CLIPTextEncode', inputs: { text: 'a (red:1.2) fox, embedding:fur.pt', clip: ['4', 1] } },
  '7': { class_type: 'CLIPTextEncode', inputs: { text: 'text, watermark', clip: ['4', 1] } },
  '8': { class_type: 'VAEDecode', inputs: { samples: ['3', 0], vae: ['4', 2] } },
  '9': { class_type: 'SaveImage', inputs: { filename_prefix: 'ComfyUI', images: ['8', 0] } },
}

test('the default workflow: prompts, size, seed, steps, guidance, sampler and schedule', () => {
  expect(read(DEFAULT)).toEqual({
    input: {
      ...{ prompt: 'a (red:1.2) fox, fur', negativePrompt: 'text, watermark', width: 512, height: 768 },
      ...{ seed: 156680208700286, steps: 20, guidance: 8, scheduler: 'dpmpp-2m', sigmaSchedule: 'karras' },
      noiseSource: 'torch-cpu',
    },
    model: 'dream shaper',
    loras: [],
    left: [],
  })
})

test('values that stand in other nodes, LoRAs, clip skip, and a second sampler behind the first', () => {
  const graph = {
    ...DEFAULT,
    '3': {
      ...DEFAULT['3'],
      inputs: { ...DEFAULT['3'].inputs, seed: ['20', 0], sampler_name: 'res_multistep', model: ['21', 0] },
    },
    '6': { class_type: 'CLIPTextEncode', inputs: { text: ['23', 0], clip: ['22', 0] } },
    '20': { class_type: 'PrimitiveNode', inputs: { value: 7 } },
    '21': {
      class_type: 'LoraLoader',
      inputs: { lora_name: 'flowers.safetensors', strength_model: 0.8, model: ['22', 0], clip: ['22', 0] },
    },
    '22': { class_type: 'CLIPSetLastLayer', inputs: { stop_at_clip_layer: -2, clip: ['4', 1] } },
    '23': { class_type: 'String Literal', inputs: { string: 'a boat' } },
    '30': { class_type: 'LatentUpscale', inputs: { samples: ['3', 0], width: 1024, height: 1536 } },
    '31': {
      class_type: 'KSampler',
      inputs: { ...DEFAULT['3'].inputs, seed: 1, steps: 9, denoise: 0.5, latent_image: ['30', 0] },
    },
    '8': { class_type: 'VAEDecode', inputs: { samples: ['31', 0], vae: ['4', 2] } },
  }
  const found = read(graph)
  expect(found?.input).toMatchObject({ prompt: 'a boat', seed: 7, steps: 20, width: 512, height: 768, clipSkip: 1 })
  expect(found?.input.scheduler).toBeUndefined()
  expect(found?.left).toEqual(['second pass', 'sampler res_multistep'])
  expect(found?.loras).toEqual([{ name: 'flowers', weight: 0.8 }])
})

test("a sampler whose noise, guider and sigmas are nodes of their own, as in FLUX's workflow", () => {
  const graph = {
    '5': { class_type: 'EmptySD3LatentImage', inputs: { width: 1024, height: 640, batch_size: 1 } },
    '6': { class_type: 'CLIPTextEncode', inputs: { text: 'a lighthouse', clip: ['11', 0] } },
    '12': { class_type: 'UNETLoader', inputs: { unet_name: 'flux1-dev.safetensors', weight_dtype: 'default' } },
    '13': {
      class_type: 'SamplerCustomAdvanced',
      inputs: {
        ...{ noise: ['25', 0], guider: ['22', 0], sampler: ['16', 0], sigmas: ['17', 0], latent_image: ['5', 0] },
      },
    },
    '16': { class_type: 'KSamplerSelect', inputs: { sampler_name: 'euler' } },
    '17': { class_type: 'BasicScheduler', inputs: { scheduler: 'simple', steps: 24, denoise: 1, model: ['12', 0] } },
    '22': { class_type: 'BasicGuider', inputs: { model: ['12', 0], conditioning: ['26', 0] } },
    '25': { class_type: 'RandomNoise', inputs: { noise_seed: 99 } },
    '26': { class_type: 'FluxGuidance', inputs: { guidance: 3.5, conditioning: ['6', 0] } },
  }
  expect(read(graph)).toMatchObject({
    input: {
      ...{ prompt: 'a lighthouse', negativePrompt: '', seed: 99, steps: 24, guidance: 3.5, width: 1024, height: 640 },
      ...{ scheduler: 'euler', sigmaSchedule: 'simple' },
    },
    model: 'flux1-dev',
  })
})

test('what is no such graph is none, and one that runs in a circle ends', () => {
  for (const text of ['', '{', '[]', '{"a": 1}', '{"1": {"class_type": "SaveImage", "inputs": {}}}'])
    expect(parseComfyUi(text), text).toBeNull()
  const circle = { ...DEFAULT, '5': { class_type: 'Reroute', inputs: { latent: ['3', 0] } } }
  expect(read(circle)?.input.steps).toBe(20)
  expect(parseComfyUi(JSON.stringify(DEFAULT).replace('"denoise":1', '"denoise":NaN'))?.input.steps).toBe(20)
})
