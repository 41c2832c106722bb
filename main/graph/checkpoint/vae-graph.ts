/** The autoencoder of Stable Diffusion (Rombach et al. 2022, section 3.1) from its weights: its two halves as graphs of their own. */
import { GraphWriter } from './graph-writer.ts'
import { attend, convolution, groupNorm, linear, resnet, silu, toTokens, upsample, type Norm } from './layers.ts'
import type { Weights } from './weights.ts'

/** diffusers' own; no config says another. */
const EPSILON = 1e-6

interface Half {
  g: GraphWriter
  norm: Norm
  isFused: boolean
}

export function writeVaeEncoder(weights: Weights, groups: number, isFused: boolean): GraphWriter {
  const half: Half = { g: new GraphWriter(), norm: { groups, epsilon: EPSILON }, isFused }
  const { g, norm } = half
  const net = weights.at('encoder')
  const [, colours = 0] = net.get('conv_in.weight').dims
  const sample = g.input('sample', 'float32', ['batch', colours, 'sample_height', 'sample_width'])
  let hidden = convolution(g, sample, net.at('conv_in'))
  for (let level = 0; level < net.count('down_blocks'); level++) {
    const block = net.at(`down_blocks.${level}`)
    for (let i = 0; i < block.count('resnets'); i++) hidden = resnet(g, hidden, null, block.at(`resnets.${i}`), norm)
    const down = block.at('downsamplers.0.conv')
    if (!down.hasAny()) continue
    // One row and one column more, at the end only.
    const padded = g.op('Pad', [hidden, g.integers([0, 0, 0, 0, 0, 0, 1, 1]), g.floats([0], [])])
    hidden = convolution(g, padded, down, { stride: 2, pads: 0 })
  }
  hidden = finish(half, middle(half, hidden, net.at('mid_block')), net)
  const quant = weights.at('quant_conv')
  if (quant.hasAny()) hidden = convolution(g, hidden, quant)
  const channels = net.get('conv_out.weight').dims[0] ?? 0
  g.output('latent_parameters', hidden, ['batch', channels, 'latent_height', 'latent_width'])
  return g
}

export function writeVaeDecoder(weights: Weights, groups: number, isFused: boolean): GraphWriter {
  const half: Half = { g: new GraphWriter(), norm: { groups, epsilon: EPSILON }, isFused }
  const { g, norm } = half
  const net = weights.at('decoder')
  const [, channels = 0] = net.get('conv_in.weight').dims
  const quant = weights.at('post_quant_conv')
  const latents = g.input('latent_sample', 'float32', ['batch', channels, 'latent_height', 'latent_width'])
  let hidden = convolution(g, quant.hasAny() ? convolution(g, latents, quant) : latents, net.at('conv_in'))
  hidden = middle(half, hidden, net.at('mid_block'))
  for (let level = 0; level < net.count('up_blocks'); level++) {
    const block = net.at(`up_blocks.${level}`)
    for (let i = 0; i < block.count('resnets'); i++) hidden = resnet(g, hidden, null, block.at(`resnets.${i}`), norm)
    const up = block.at('upsamplers.0.conv')
    if (up.hasAny()) hidden = upsample(g, hidden, up)
  }
  g.output('sample', finish(half, hidden, net), ['batch', net.get('conv_out.weight').dims[0] ?? 0, 'height', 'width'])
  return g
}

function middle(half: Half, x: string, block: Weights): string {
  const { g, norm } = half
  const hidden = resnet(g, x, null, block.at('resnets.0'), norm)
  const attention = block.at('attentions.0')
  return resnet(
    g,
    attention.hasAny() ? selfAttention(half, hidden, attention) : hidden,
    null,
    block.at('resnets.1'),
    norm,
  )
}

/** One head as wide as the channels. */
function selfAttention({ g, norm, isFused }: Half, x: string, weights: Weights): string {
  const [channels = 0] = weights.get('group_norm.weight').dims
  const { tokens, toPicture } = toTokens(g, groupNorm(g, x, weights.at('group_norm'), norm), channels)
  const [q, k, v] = ['to_q', 'to_k', 'to_v'].map(name => linear(g, tokens, weights.at(name)))
  const rows = g.op('Shape', [x], { start: 0, end: 1 })
  const attended = attend(g, { q, k, v }, channels, { heads: 1, isFused, rows })
  return g.op('Add', [toPicture(linear(g, attended, weights.at('to_out.0'))), x])
}

function finish({ g, norm }: Half, x: string, net: Weights): string {
  return convolution(g, silu(g, groupNorm(g, x, net.at('conv_norm_out'), norm)), net.at('conv_out'))
}
