import { describe, expect, it } from 'vitest'
import type { ModelVerdict } from '#contract/model-verdict'
import { modelVerdictSchema } from '#contract/model-verdict'
import type { Config } from '../../../../../main/catalog/model-facts.ts'
import { judgeModel } from '../../../../../main/catalog/judge-model.ts'
import { detectModel } from '../../../../../main/catalog/detect/detect-model.ts'
import type { FolderContents } from '../../../../../main/catalog/detect/folder-contents.ts'
import { loadContents, withHeader, withJson, without } from '#test/model-contents'

const UNET = 'unet/model.onnx'

function firstProblem(contents: FolderContents) {
  const verdict = detectModel(contents)
  expect(verdict.usable).toBe(false)
  return verdict.problems[0]
}

describe('a model folder of each family', () => {
  const free = { latentChannels: 4, vaeFactor: 8, sizeMultiple: 16, fixedSize: null, usable: true, problems: [] }
  const painting = ['text-to-image', 'image-to-image', 'inpaint'] as const
  const cases: [string, Partial<ModelVerdict>][] = [
    [
      'sd15',
      { ...free, family: 'sd1', variant: 'base', features: [...painting], scheduler: 'PNDMScheduler', layout: [] },
    ],
    ['sd21-v', { ...free, family: 'sd2', variant: 'base', predictionType: 'v_prediction' }],
    ['sdxl', { ...free, family: 'sdxl', variant: 'base', features: [...painting, 'clip-skip'] }],
    [
      'sdxl-refiner',
      { ...free, family: 'sdxl-refiner', variant: 'base', features: ['image-to-image', 'refine', 'clip-skip'] },
    ],
    ['sd15-inpaint', { ...free, family: 'sd1', variant: 'inpaint', features: ['inpaint'] }],
    ['instruct-pix2pix', { ...free, family: 'sd1', variant: 'instruct', features: ['instruct'] }],
    ['lcm', { ...free, family: 'sd1', variant: 'base', layout: ['guidance-embedding'] }],
    ['sd15-controlnet', { ...free, family: 'sd1', sizeMultiple: 32, features: [...painting, 'controlnet'] }],
    [
      'x4-upscaler',
      { ...free, family: 'sd2', variant: 'upscaler', vaeFactor: 4, sizeMultiple: 8, features: ['upscale'] },
    ],
    ['tiny-sd3', { ...free, family: 'sd3', latentChannels: 16 }],
    ['tiny-flux-dev', { ...free, family: 'flux', latentChannels: 16 }],
    ['tiny-flux-schnell', { ...free, family: 'flux', latentChannels: 16, features: [...painting] }],
  ]
  it.each(cases)('%s is recognised with all its facts', (name, expected) => {
    const verdict = detectModel(loadContents(name))
    expect(verdict).toMatchObject(expected)
    expect(() => modelVerdictSchema.parse(verdict)).not.toThrow()
  })
})

describe('a model folder in another layout', () => {
  const cases: [string, ModelVerdict['layout']][] = [
    ['legacy-diffusers-onnx', ['no-part-configs', 'external-data', 'int32-ids', 'posterior-in-graph']],
    ['optimum-1.20', ['int32-ids', 'integer-timestep', 'posterior-in-graph']],
    ['external-data', ['external-data']],
    ['static-shapes', ['static-shapes', 'int32-ids', 'integer-timestep']],
    ['fp16', ['float16-io', 'float16-weights']],
  ]
  it.each(cases)('%s works and says how it differs', (name, layout) => {
    const verdict = detectModel(loadContents(name))
    expect(verdict).toMatchObject({ usable: true, family: 'sd1', variant: 'base', sizeMultiple: 16, layout })
  })

  it('with fixed shapes says the one size it can do', () => {
    const verdict = detectModel(loadContents('static-shapes'))
    expect(verdict.fixedSize).toEqual([64, 64])
    expect(verdict.limits.join(' ')).toContain('64 x 64')
  })

  it('without configs is told apart by its weights: halvings, channels and projections', () => {
    const bare = without(loadContents('sd21-v'), file => file.endsWith('/config.json') || file === 'model_index.json')
    expect(detectModel(bare)).toMatchObject({
      usable: true,
      vaeFactor: 8,
      sizeMultiple: 16,
      latentChannels: 4,
      nativeSize: null,
    })
  })

  it('counts the weights that lie beside the graph as part of its size', () => {
    const verdict = detectModel(loadContents('external-data'))
    expect(verdict.components.find(({ name }) => name === 'unet')?.sizeBytes).toBe(137_762 + 208_000)
  })

  it('of a text encoder alone lists it and says what is missing', () => {
    const verdict = detectModel(loadContents('hidden-states'))
    expect(verdict.components.map(({ name }) => name)).toEqual(['text_encoder'])
    expect(verdict.problems.map(({ code, details }) => [code, details?.['file']])).toEqual([
      ['model-missing', 'unet/model.onnx'],
      ['model-missing', 'vae_decoder/model.onnx'],
      ['model-missing', 'scheduler/scheduler_config.json'],
    ])
  })
})

describe('a text encoder that does not give what the family takes is refused', () => {
  it.each([
    ['tiny-sd3', 'text_encoder', /hidden_states\./, 'hidden_states'],
    ['tiny-sd3', 'text_encoder_2', /text_embeds|pooler_output/, 'text_embeds'],
    ['tiny-flux-dev', 'text_encoder', /text_embeds|pooler_output/, 'text_embeds'],
    ['sdxl', 'text_encoder_2', /text_embeds|pooler_output/, 'text_embeds'],
  ])('%s without the %s of %s', (model, encoder, gone, tensor) => {
    const file = `${encoder}/model.onnx`
    const contents = withHeader(loadContents(model), file, old => ({
      ...old,
      outputs: old.outputs.filter(({ name }) => !gone.test(name)),
    }))
    expect(firstProblem(contents)).toMatchObject({ code: 'model-incompatible', details: { file, tensor } })
  })

  it('but SDXL’s encoders may give their last states alone, as Amuse has them', () => {
    const contents = withHeader(loadContents('sdxl'), 'text_encoder/model.onnx', old => ({
      ...old,
      outputs: old.outputs.filter(({ name }) => !name.startsWith('hidden_states.')),
    }))
    expect(detectModel(contents).usable).toBe(true)
  })
})

it('a U-Net that takes residuals in the place of the plain one is refused with where it belongs', () => {
  const residual = { name: 'mid_block_additional_residual', dtype: 'float32', shape: ['b', 8, 'h', 'w'] } as const
  const contents = withHeader(loadContents('sd15'), UNET, old => ({ ...old, inputs: [...old.inputs, residual] }))
  expect(firstProblem(contents)).toMatchObject({ code: 'model-incompatible', details: { tensor: residual.name } })
  expect(firstProblem(contents)?.message).toContain('put it into unet_controlnet/')
})

describe('a faulty model folder is refused', () => {
  const sd15 = loadContents('sd15')

  it.each([
    ['broken-unknown-op', 'model-incompatible', 'com.example.custom::FancyConv'],
    ['broken-gpu-only-op', 'model-incompatible', 'com.microsoft::NhwcConv cannot run on the CPU'],
    ['broken-future-opset', 'model-incompatible', 'opset 99'],
    ['broken-missing-external-data', 'model-missing', 'unet/model.onnx_data, which is not there'],
    ['broken-dim-mismatch', 'model-incompatible', 'width 24, but text_encoder/model.onnx give 32'],
  ])('%s', (name, code, words) => {
    const problem = firstProblem(loadContents(name))
    expect(problem?.code).toBe(code)
    expect(problem?.message).toContain(words)
  })

  it.each([
    [(file: string) => file === UNET, 'unet/model.onnx, though model_index.json names it'],
    [(file: string) => file.startsWith('tokenizer/'), 'The folder tokenizer is missing'],
    [(file: string) => /merges\.txt|tokenizer\.json/.test(file), 'tokenizer/merges.txt is missing'],
    [(file: string) => file.startsWith('scheduler/'), 'scheduler/scheduler_config.json'],
    [(file: string) => file === 'vae_decoder/model.onnx', 'vae_decoder/model.onnx'],
    [(file: string) => file.startsWith('text_encoder/'), 'text_encoder/model.onnx'],
  ])('when files are missing, naming the file (%s)', (gone, words) => {
    const problem = firstProblem(without(sd15, gone))
    expect(problem?.code).toBe('model-missing')
    expect(problem?.message).toContain(words)
  })

  it('when the scheduler class does not exist', () => {
    const changed = withJson(sd15, 'scheduler/scheduler_config.json', old => ({
      ...old,
      _class_name: 'QuantumLeapScheduler',
    }))
    expect(firstProblem(changed)).toMatchObject({
      code: 'model-incompatible',
      details: { actual: 'QuantumLeapScheduler' },
    })
  })

  it('when it holds PyTorch weights instead of graphs, and says what to do', () => {
    const torch = without(sd15, file => file.endsWith('.onnx'))
    const files = new Map(torch.files).set('unet/diffusion_pytorch_model.safetensors', 3e9)
    expect(firstProblem({ ...torch, files })?.message).toContain('Choose the ONNX export')
  })

  it('when it is a checkpoint of another program, and only for that', () => {
    const files = new Map([
      ['dream.safetensors', 2e9],
      ['readme.txt', 10],
    ])
    const verdict = detectModel({ ...sd15, files, json: new Map(), graphs: new Map(), highestIds: new Map() })
    expect(verdict.problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('dream.safetensors is a checkpoint'),
    ])
  })

  it('when its graphs lie loose in one folder', () => {
    const files = new Map([
      ['sd-unet-fp16.onnx', 2e9],
      ['text-encoder.onnx', 10],
    ])
    const verdict = detectModel({ ...sd15, files, json: new Map(), graphs: new Map(), highestIds: new Map() })
    expect(verdict.problems[0]).toMatchObject({
      code: 'model-incompatible',
      details: { actual: ['sd-unet-fp16.onnx', 'text-encoder.onnx'] },
    })
  })

  it('when the model lies one folder deeper', () => {
    const files = new Map([['my-model/unet/model.onnx', 1000]])
    const empty = { ...sd15, files, json: new Map(), graphs: new Map(), highestIds: new Map() }
    expect(firstProblem(empty)?.message).toContain('deeper, in my-model. Choose that folder')
  })

  it('when it is a folder of several models, and only for that', () => {
    const files = new Map(['a/unet/model.onnx', 'b/transformer/model.onnx'].map(file => [file, 1000]))
    const verdict = detectModel({ ...sd15, files, json: new Map(), graphs: new Map(), highestIds: new Map() })
    expect(verdict.problems.map(({ message }) => message)).toEqual([
      'This folder holds 2 models: a, b. Choose one of them.',
    ])
  })

  it('when the U-Net takes a number of channels that no variant has', () => {
    const changed = withHeader(sd15, UNET, old => ({
      ...old,
      inputs: old.inputs.map(input => (input.name === 'sample' ? { ...input, shape: ['b', 6, 'h', 'w'] } : input)),
    }))
    expect(firstProblem(changed)?.message).toContain('takes 6 channels')
  })

  it('when the U-Net asks for an input that nobody can give', () => {
    const extra = { name: 'image_embeds', dtype: 'float32', shape: ['batch', 1024] } as const
    const changed = withHeader(sd15, UNET, old => ({ ...old, inputs: [...old.inputs, extra] }))
    expect(firstProblem(changed)).toMatchObject({ code: 'model-incompatible', details: { tensor: 'image_embeds' } })
  })

  it('when the autoencoder has other latent channels than the U-Net', () => {
    const changed = withHeader(sd15, 'vae_decoder/model.onnx', old => ({
      ...old,
      inputs: [{ name: 'latent_sample', dtype: 'float32', shape: ['b', 16, 'h', 'w'] }],
    }))
    expect(
      detectModel(changed)
        .problems.map(({ message }) => message)
        .join(' '),
    ).toContain('vae_decoder takes 16')
  })

  it('when the tokenizer knows more words than the text encoder', () => {
    const changed = { ...sd15, highestIds: new Map([['tokenizer', 49_407]]) }
    expect(firstProblem(changed)?.message).toContain('ids up to 49407')
  })

  it.each([
    ['text_encoder/model.onnx', 'vae_decoder/model.onnx', 'is not a text encoder'],
    ['vae_decoder/model.onnx', 'vae_encoder/model.onnx', "is not an autoencoder's decoder"],
    ['vae_encoder/model.onnx', 'vae_decoder/model.onnx', "is not an autoencoder's encoder"],
    ['unet/model.onnx', 'text_encoder/model.onnx', 'is a network that Easel does not know'],
    ['vae_encoder/model.onnx', 'unet/model.onnx', "is not an autoencoder's encoder"],
  ])('when %s is really %s', (file, other, words) => {
    const wrong = sd15.graphs.get(other)
    const changed = withHeader(sd15, file, old => wrong ?? old)
    expect(
      detectModel(changed)
        .problems.map(({ message }) => message)
        .join(' '),
    ).toContain(`${file} ${words}`)
  })

  it.each([
    ['prediction_type', 'noise'],
    ['num_train_timesteps', 'many'],
    ['num_train_timesteps', -5],
  ])('when its scheduler config has %s = %s', (field, value) => {
    const changed = withJson(sd15, 'scheduler/scheduler_config.json', old => ({ ...old, [field]: value }))
    expect(firstProblem(changed)).toMatchObject({
      code: 'model-incompatible',
      details: { tensor: field, actual: value },
    })
  })

  it('when its numbers are bfloat16', () => {
    const changed = withHeader(sd15, UNET, old => ({
      ...old,
      inputs: old.inputs.map(input => (input.name === 'sample' ? { ...input, dtype: 'bfloat16' as const } : input)),
    }))
    expect(firstProblem(changed)).toMatchObject({ details: { tensor: 'sample', actual: 'bfloat16' } })
  })

  it.each(['../weights.bin', '/etc/passwd', 'C:\\weights.bin'])('when weights lie outside of it (%s)', location => {
    const changed = withHeader(loadContents('external-data'), UNET, old => ({
      ...old,
      initializers: old.initializers.map(weight =>
        weight.external === null ? weight : { ...weight, external: { ...weight.external, location } },
      ),
    }))
    expect(firstProblem(changed)).toMatchObject({ code: 'model-incompatible', details: { actual: location } })
  })

  it('when its weight file is shorter than the graph says', () => {
    const contents = loadContents('external-data')
    const files = new Map(contents.files).set('unet/model.onnx_data', 100_000)
    expect(firstProblem({ ...contents, files })).toMatchObject({
      code: 'model-corrupt',
      details: { actual: '100000 bytes' },
    })
  })

  it('but not when the model brings the unusual operator along as a function', () => {
    const changed = withHeader(loadContents('broken-unknown-op'), 'vae_encoder/model.onnx', old => ({
      ...old,
      functions: new Set(['com.example.custom::FancyConv']),
    }))
    expect(detectModel(changed).usable).toBe(true)
  })
})

describe('what a usable model cannot do', () => {
  it('is said: no picture encoder, nothing that starts from a picture', () => {
    const verdict = detectModel(without(loadContents('sd15'), file => file.startsWith('vae_encoder/')))
    expect(verdict).toMatchObject({ usable: true, features: ['text-to-image'] })
    expect(verdict.limits.join(' ')).toContain('No vae_encoder/model.onnx')
  })

  it('is said: SD3 without T5 still works', () => {
    const verdict = detectModel(without(loadContents('tiny-sd3'), file => /^(text_encoder|tokenizer)_3\//.test(file)))
    expect(verdict.usable).toBe(true)
    expect(verdict.limits.join(' ')).toContain('T5')
  })

  it('is said: a part that no picture needs is damaged', () => {
    const damaged = [
      { code: 'model-corrupt', message: 'it is empty', details: { file: 'safety_checker/model.onnx' } },
    ] as const
    const verdict = detectModel({ ...loadContents('sd15'), damaged })
    expect(verdict.usable).toBe(true)
    expect(verdict.limits).toContain('safety_checker cannot be used: it is empty')
  })

  it('is said: a ControlNet that the runtime cannot open', () => {
    const broken = withHeader(loadContents('sd15-controlnet'), 'controlnet/model.onnx', old => ({
      ...old,
      opsets: new Map([['', 99]]),
    }))
    const verdict = detectModel(broken)
    expect(verdict.usable).toBe(true)
    expect(verdict.limits.join(' ')).toContain(
      'controlnet cannot be used: controlnet/model.onnx was written for a newer ONNX',
    )
  })

  it('is said: ControlNets without a U-Net that takes their residuals', () => {
    const verdict = detectModel(without(loadContents('sd15-controlnet'), file => file.startsWith('unet_')))
    expect(verdict.features).not.toContain('controlnet')
    expect(verdict.limits.join(' ')).toContain('residual inputs')
  })

  it('is not said of ControlNets inside the U-Net: they can be asked for, by their places', () => {
    const contents = loadContents('sd15')
    const nets = { name: 'controlnet_conds', dtype: 'float32', shape: [2, 'b', 3, 'h', 'w'] } as const
    const scales = { name: 'controlnet_scales', dtype: 'float32', shape: [2, 1] } as const
    const fused = withHeader(contents, UNET, old => ({ ...old, inputs: [...old.inputs, nets, scales] }))
    const verdict = detectModel(fused)
    expect(verdict.features).toContain('controlnet')
    const about = {
      folderName: 'fused',
      root: '/fused',
      manifest: null,
      knownWords: null,
      unreadable: [],
      changedAt: 0,
    }
    const facts = { ...about, files: contents.files, configs: new Map<string, Config>() }
    expect(judgeModel(facts, verdict).controlNets).toEqual(['controlnet-1', 'controlnet-2'])
  })
})
