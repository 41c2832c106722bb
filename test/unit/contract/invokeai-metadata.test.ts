import { expect, test } from 'vitest'
import { fromCompel, parseInvokeAi } from '#contract/invokeai-metadata'

const METADATA = {
  ...{
    app_version: '4.2.8',
    generation_mode: 'txt2img',
    positive_prompt: '(red fox)1.3 in snow++',
    negative_prompt: 'rain',
  },
  ...{
    width: 512,
    height: 640,
    seed: 3141,
    rand_device: 'cpu',
    cfg_scale: 7.5,
    cfg_rescale_multiplier: 0.1,
    steps: 30,
  },
  ...{ scheduler: 'dpmpp_2m_k', clip_skip: 1 },
  model: { key: 'x', hash: 'blake3:1', name: 'Dreamshaper 8', base: 'sd-1', type: 'main' },
}
const read = (changes: object = {}) => parseInvokeAi(JSON.stringify({ ...METADATA, ...changes }))

test('prompts, size, seed, steps, guidance, sampler with its schedule, and the model by its name', () => {
  expect(read()).toEqual({
    input: {
      ...{ prompt: '(red fox:1.3) in (snow:1.21)', negativePrompt: 'rain', width: 512, height: 640, seed: 3141 },
      ...{ noiseSource: 'torch-cpu', steps: 30, guidance: 7.5, guidanceRescale: 0.1, clipSkip: 1 },
      ...{ scheduler: 'dpmpp-2m', sigmaSchedule: 'karras' },
    },
    model: 'Dreamshaper 8',
    loras: [],
    left: [],
  })
})

test('what Easel has no word for is named', () => {
  const found = read({
    ...{
      scheduler: 'heun_x',
      loras: [{ model: { name: 'flowers' }, weight: 0.6 }],
      controlnets: [{}],
      rand_device: 'cuda',
    },
    ...{ hrf_enabled: true, vae: { name: 'ft-mse' }, positive_style_prompt: 'oil', seamless_x: false, steps: 0 },
  })
  expect(found?.input).toMatchObject({ noiseSource: 'torch-cuda' })
  expect(found?.loras).toEqual([{ name: 'flowers', weight: 0.6 }])
  expect(found?.left).toEqual([
    ...['VAE ft-mse', 'style prompt', 'ControlNets', 'second pass', 'sampler heun_x', 'steps 0'],
  ])
})

test('what is no such text is none', () => {
  for (const text of ['', '{', '[]', '{"steps": 3}', '{"positive_prompt": 3}'])
    expect(parseInvokeAi(text), text).toBeNull()
})

test.each([
  ['a well-known fox', 'a well-known fox'],
  ['fox--, snow', '(fox:0.81), snow'],
  ['(a fox)+ and (snow)0.5', '(a fox:1.1) and (snow:0.5)'],
  ['(a fox) in 2024', '(a fox) in 2024'],
  ['Füchse+', '(Füchse:1.1)'],
])("compel's weights are written as Easel's: %s", (compel, own) => {
  expect(fromCompel(compel)).toBe(own)
})
