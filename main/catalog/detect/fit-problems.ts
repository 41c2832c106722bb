/** Whether the parts of a model fit each other: widths of text, pooled vectors, latent channels, vocabularies, fixed sizes, inputs that Easel can feed. */
import type { ErrorPayload } from '#contract/errors'
import type { ModelFamily } from '#contract/model-verdict'
import type { AutoencoderFacts } from './autoencoder-facts.ts'
import type { DenoiserFacts } from './denoiser-facts.ts'
import type { FolderContents, Part } from './folder-contents.ts'
import { problem } from './graph-problems.ts'
import { idsInput, readTextFacts, TEXT_PARTS } from './text-facts.ts'

export interface Assembly {
  family: ModelFamily
  denoiser: Part
  facts: DenoiserFacts
  autoencoder: AutoencoderFacts
  parts: ReadonlyMap<string, Part>
  highestIds: FolderContents['highestIds']
}

/** Inputs that the pipeline knows how to feed. */
const KNOWN_INPUTS = new Set([
  'sample',
  'hidden_states',
  'timestep',
  'encoder_hidden_states',
  'text_embeds',
  'time_ids',
  'timestep_cond',
  'class_labels',
  'pooled_projections',
  'img_ids',
  'txt_ids',
  'guidance',
  'controlnet_conds',
  'controlnet_scales',
])

export function findFitProblems(assembly: Assembly): ErrorPayload[] {
  return [
    ...inputProblems(assembly.denoiser),
    ...outputProblems(assembly),
    ...textWidthProblems(assembly),
    ...pooledProblems(assembly),
    ...vocabularyProblems(assembly),
    ...latentProblems(assembly),
  ]
}

function inputProblems({ file, header }: Part): ErrorPayload[] {
  const residual = header.inputs.find(({ name }) => name.endsWith('_additional_residual'))
  if (residual !== undefined) return [takesResiduals(file, residual)]
  const unknown = header.inputs.filter(({ name }) => !KNOWN_INPUTS.has(name))
  const found = unknown.map(({ name, shape }) =>
    problem('model-incompatible', `${file} asks for the input "${name}", which Easel does not know.`, {
      file,
      tensor: name,
      expected: [...KNOWN_INPUTS].join(', '),
      actual: shape,
    }),
  )
  if (header.inputs.some(({ name }) => name === 'timestep')) return found
  const actual = header.inputs.map(({ name }) => name).join(', ')
  const message = `${file} has no input "timestep": it is not a denoiser of a diffusion model.`
  return [...found, problem('model-incompatible', message, { file, tensor: 'timestep', expected: 'an input', actual })]
}

/** Without a net there is nothing to give it, and its shapes are often left open. */
function takesResiduals(file: string, { name, shape }: Part['header']['inputs'][number]): ErrorPayload {
  const message = `${file} takes the residuals of ControlNets (${name}): put it into unet_controlnet/, and the plain U-Net of the same model into unet/.`
  const details = { file, tensor: name, expected: 'a U-Net without inputs for residuals', actual: shape }
  return problem('model-incompatible', message, details)
}

/** What a family takes from its text encoders beside the last states, and an export of them may not give. */
function outputProblems({ family, parts }: Assembly): ErrorPayload[] {
  return TEXT_PARTS[family].flatMap(({ encoder, kind }, i) => {
    const part = parts.get(encoder)
    if (part === undefined || kind === 't5') return []
    const { hiddenLayers, givesPooled } = readTextFacts(part)
    return [
      ...(POOLED_OF[family].includes(i) && !givesPooled ? [givesNo(part, 'text_embeds')] : []),
      ...(family === 'sd3' && hiddenLayers === null ? [givesNo(part, 'hidden_states')] : []),
    ]
  })
}

function givesNo({ file, header }: Part, tensor: string): ErrorPayload {
  const actual = header.outputs.map(({ name }) => name).join(', ')
  const message = `${file} gives no ${tensor} (it gives ${actual}), which this kind of model is conditioned on. Export it again with ${tensor === 'hidden_states' ? 'hidden states' : 'its projection'}.`
  return problem('model-incompatible', message, { file, tensor, expected: tensor, actual })
}

/** SD and the refiner take one encoder's states, SDXL two side by side, SD3 pads CLIP's to T5's width, FLUX takes T5's. */
function textWidthProblems({ family, denoiser, facts, parts }: Assembly): ErrorPayload[] {
  const encoders = TEXT_PARTS[family].flatMap(({ encoder, kind }) => {
    const part = parts.get(encoder)
    return part === undefined ? [] : [{ kind, file: part.file, width: readTextFacts(part).width }]
  })
  const counted = encoders.filter(({ kind }) => (family === 'sd3' || family === 'flux' ? kind === 't5' : true))
  const wanted = facts.textWidth
  if (wanted === null || counted.length === 0 || (family !== 'sd3' && !isComplete(family, parts))) return []
  const widths = counted.map(({ width }) => width)
  if (widths.includes(null)) return []
  const given = widths.reduce<number>((sum, width) => sum + (width ?? 0), 0)
  if (given === wanted) return []
  const files = counted.map(({ file }) => file).join(' and ')
  const message = `${denoiser.file} wants encoder_hidden_states of width ${wanted}, but ${files} give ${given}: they belong to different models.`
  return [
    problem('model-incompatible', message, {
      file: denoiser.file,
      tensor: 'encoder_hidden_states',
      expected: wanted,
      actual: given,
    }),
  ]
}

/** Encoders whose vectors a family takes: SDXL the second's, SD3 those of both CLIPs side by side, FLUX the first's. */
const POOLED_OF: Readonly<Record<ModelFamily, readonly number[]>> = {
  sd1: [],
  sd2: [],
  sdxl: [1],
  'sdxl-refiner': [0],
  sd3: [0, 1],
  flux: [0],
}

function pooledProblems({ family, denoiser, facts, parts }: Assembly): ErrorPayload[] {
  if (facts.pooledWidth === null || !isComplete(family, parts)) return []
  const widths = POOLED_OF[family].map(index => {
    const part = parts.get(TEXT_PARTS[family][index]?.encoder ?? '')
    return part === undefined ? null : readTextFacts(part).pooledWidth
  })
  if (widths.length === 0 || widths.includes(null)) return []
  const given = widths.reduce<number>((sum, width) => sum + (width ?? 0), 0)
  if (given === facts.pooledWidth) return []
  const tensor = family === 'sd3' || family === 'flux' ? 'pooled_projections' : 'text_embeds'
  const message = `${denoiser.file} wants ${tensor} of width ${facts.pooledWidth}, but the text encoders give ${given}: they belong to different models.`
  return [
    problem('model-incompatible', message, { file: denoiser.file, tensor, expected: facts.pooledWidth, actual: given }),
  ]
}

function isComplete(family: ModelFamily, parts: Assembly['parts']): boolean {
  return TEXT_PARTS[family].every(({ encoder, optional }) => optional === true || parts.has(encoder))
}

function vocabularyProblems({ family, parts, highestIds }: Assembly): ErrorPayload[] {
  return TEXT_PARTS[family].flatMap(({ encoder, tokenizer }) => {
    const part = parts.get(encoder)
    const highest = highestIds.get(tokenizer)
    const rows = part === undefined ? null : readTextFacts(part).vocabulary
    if (part === undefined || rows === null || highest === undefined || highest < rows) return []
    const message = `${tokenizer} makes ids up to ${highest}, but ${part.file} knows only ${rows} words: they belong to different models.`
    const tensor = idsInput(part)?.name ?? 'input_ids'
    return [
      problem('model-incompatible', message, {
        file: part.file,
        tensor,
        expected: `ids below ${rows}`,
        actual: highest,
      }),
    ]
  })
}

function latentProblems({ family, denoiser, facts, autoencoder }: Assembly): ErrorPayload[] {
  const { latentChannels, encodedChannels, fixedSize } = autoencoder
  const found: ErrorPayload[] = []
  const expected = latentChannels === null ? null : family === 'flux' ? 4 * latentChannels : latentChannels
  if (expected !== null && facts.outChannels !== null && facts.outChannels !== expected) {
    const message = `${denoiser.file} makes latents of ${facts.outChannels} channels, but vae_decoder takes ${expected}: they belong to different models.`
    const tensor = denoiser.header.outputs[0]?.name ?? 'output'
    found.push(
      problem('model-incompatible', message, { file: denoiser.file, tensor, expected, actual: facts.outChannels }),
    )
  }
  if (
    latentChannels !== null &&
    encodedChannels !== null &&
    ![latentChannels, 2 * latentChannels].includes(encodedChannels)
  ) {
    const message = `vae_encoder gives ${encodedChannels} channels; with this vae_decoder it must be ${latentChannels} or ${2 * latentChannels}.`
    const details = {
      file: 'vae_encoder/model.onnx',
      expected: [latentChannels, 2 * latentChannels],
      actual: encodedChannels,
    }
    found.push(problem('model-incompatible', message, details))
  }
  if (fixedSize !== null && facts.fixedSize !== null && fixedSize.join() !== facts.fixedSize.join()) {
    const message = `${denoiser.file} makes latents of ${facts.fixedSize.join(' x ')}, but vae_decoder was exported for ${fixedSize.join(' x ')}.`
    found.push(
      problem('model-incompatible', message, { file: denoiser.file, expected: fixedSize, actual: facts.fixedSize }),
    )
  }
  return found
}
