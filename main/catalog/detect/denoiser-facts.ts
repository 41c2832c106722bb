/**
 * What the denoiser (U-Net or transformer) is, read from its graph; configs fill in what exporters left out of the graph.
 * With L latent channels the first axis of the input tells the variant:
 *
 *   L: base    2L: InstructPix2Pix    2L + 1: inpainting (latents, mask, masked picture)    L + 3 with class_labels: upscaler
 */
import type { ModelFamily, ModelVariant } from '#contract/model-verdict'
import { countHalvings } from '#graph/count-halvings'
import { axis, findInput, lengthOf, numberOf, weightDims, type Part } from './folder-contents.ts'

export interface DenoiserFacts {
  family: ModelFamily | null
  inChannels: number | null
  outChannels: number | null
  /** Width of encoder_hidden_states. */
  textWidth: number | null
  /** Width of text_embeds or pooled_projections; null where there is no such input. */
  pooledWidth: number | null
  /** Latent sides are multiples of this; null where neither graph nor config says. */
  latentMultiple: number | null
  /** Fixed latent size [height, width]. */
  fixedSize: [number, number] | null
  hasGuidanceEmbedding: boolean
  control: 'none' | 'fused' | 'residuals'
}

const WIDTH_OF_SD2 = 1024

export function readDenoiserFacts(part: Part): DenoiserFacts {
  const family = familyOf(part)
  const sample = findInput(part, 'sample') ?? findInput(part, 'hidden_states')
  const inConv = weightDims(part, /(^|\.)(conv_in|pos_embed\.proj)\.weight$/)
  const outConv = weightDims(part, /(^|\.)conv_out\.weight$/)
  const channelAxis = family === 'flux' ? 2 : 1
  const inChannels = axis(sample, channelAxis) ?? numberOf(part.config, 'in_channels') ?? inConv?.[1] ?? null
  const [height, width] = family === 'flux' ? [null, null] : [axis(sample, 2), axis(sample, 3)]
  return {
    family,
    inChannels,
    outChannels:
      axis(part.header.outputs[0], channelAxis) ?? numberOf(part.config, 'out_channels') ?? outConv?.[0] ?? null,
    textWidth: textWidthOf(part),
    pooledWidth: axis(findInput(part, 'text_embeds') ?? findInput(part, 'pooled_projections'), 1),
    latentMultiple: latentMultipleOf(part, family),
    fixedSize: height === null || width === null ? null : [height, width],
    hasGuidanceEmbedding: findInput(part, 'timestep_cond') !== undefined,
    control: controlOf(part),
  }
}

/** `latentChannels` is the autoencoder's; null when the channels fit no variant that Easel knows. */
export function variantOf(facts: DenoiserFacts, latentChannels: number, hasClassLabels: boolean): ModelVariant | null {
  const packed = facts.family === 'flux' ? 4 * latentChannels : latentChannels // 2 x 2 latents are one token
  if (facts.inChannels === null || facts.inChannels === packed) return hasClassLabels ? null : 'base'
  if (hasClassLabels) return facts.inChannels === packed + 3 ? 'upscaler' : null
  if (facts.family === 'flux') return null
  if (facts.inChannels === 2 * packed + 1) return 'inpaint'
  return facts.inChannels === 2 * packed ? 'instruct' : null
}

function familyOf(part: Part): ModelFamily | null {
  const has = (name: string): boolean => findInput(part, name) !== undefined
  if (has('img_ids') && has('txt_ids')) return 'flux'
  if (has('hidden_states') && has('pooled_projections')) return 'sd3'
  if (!has('sample') || !has('encoder_hidden_states')) return null
  if (has('time_ids')) return axis(findInput(part, 'time_ids'), 1) === 5 ? 'sdxl-refiner' : 'sdxl'
  return isLinearProjection(part) ? 'sd2' : 'sd1'
}

/** Between SD 1 and 2 the projections around the attention changed from convolutions (4 axes) to matrices. */
function isLinearProjection(part: Part): boolean {
  const declared = part.config?.['use_linear_projection']
  if (typeof declared === 'boolean') return declared
  const projection = weightDims(part, /\.attentions\.\d+\.proj_in\.weight$/)
  if (projection !== null) return projection.length === 2
  return textWidthOf(part) === WIDTH_OF_SD2
}

function textWidthOf(part: Part): number | null {
  return (
    axis(findInput(part, 'encoder_hidden_states'), 2) ??
    numberOf(part.config, 'cross_attention_dim') ??
    numberOf(part.config, 'joint_attention_dim')
  )
}

/** A U-Net halves its input once a down-sampler; a transformer cuts it into patches. */
function latentMultipleOf(part: Part, family: ModelFamily | null): number | null {
  if (family === 'flux') return 2
  if (family === 'sd3') {
    return numberOf(part.config, 'patch_size') ?? weightDims(part, /(^|\.)pos_embed\.proj\.weight$/)?.[2] ?? null
  }
  const halvings = countHalvings(part.header)
  const blocks = lengthOf(part.config, 'block_out_channels')
  return halvings === null ? (blocks === null ? null : 2 ** (blocks - 1)) : 2 ** halvings
}

function controlOf(part: Part): DenoiserFacts['control'] {
  if (findInput(part, 'controlnet_conds') !== undefined) return 'fused'
  return part.header.inputs.some(input => input.name.endsWith('_additional_residual')) ? 'residuals' : 'none'
}
