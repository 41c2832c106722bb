/**
 * The U-Net of Stable Diffusion 1, 2 and XL (Rombach et al. 2022; Podell et al. 2023) from its weights: how many levels,
 * blocks and transformers it has stands in their names, all widths in their shapes. Inputs and outputs are named as Optimum
 * names them, so that nothing else has to know where the graph came from.
 */
import { GraphWriter } from './graph-writer.ts'
import {
  attend,
  convolution,
  groupNorm,
  layerNorm,
  linear,
  resnet,
  silu,
  sinusoids,
  toTokens,
  upsample,
  type Attention,
  type Norm,
} from './layers.ts'
import type { Weights } from './weights.ts'

export interface UnetFacts {
  groups: number
  epsilon: number
  /** Attention heads by level, the widest picture first. */
  heads: readonly number[]
  /** SDXL: width of the pooled vector, and of each embedded number of time_ids; null for SD 1 and 2. */
  added: { pooled: number; size: number } | null
}

interface Net {
  g: GraphWriter
  /** silu of the time embedding. */
  time: string
  /** Of the prompt: [rows * tokens, width]. */
  text: string
  norm: Norm
  attention: Omit<Attention, 'heads'>
}

/** diffusers' own for the norm before a transformer. */
const TRANSFORMER_EPSILON = 1e-6

/** Throws `model-incompatible` naming a tensor that is missing or was not understood. */
export function writeUnet(weights: Weights, facts: UnetFacts, isFused: boolean): GraphWriter {
  const g = new GraphWriter()
  const [, inChannels = 0] = weights.get('conv_in.weight').dims
  const sample = g.input('sample', 'float32', ['batch', inChannels, 'height', 'width'])
  const time = silu(g, embedTime(g, weights, facts.added))
  const width = weights.get(firstCrossKey(weights)).dims[1] ?? 0
  const states = g.input('encoder_hidden_states', 'float32', ['batch', 'tokens', width])
  const text = g.op('Reshape', [states, g.integers([-1, width])])
  const rows = g.op('Shape', [sample], { start: 0, end: 1 })
  const norm = { groups: facts.groups, epsilon: facts.epsilon }
  const net: Net = { g, time, text, norm, attention: { isFused, rows } }

  let hidden = convolution(g, sample, weights.at('conv_in'))
  const skips = [hidden]
  const levels = weights.count('down_blocks')
  for (let level = 0; level < levels; level++) {
    const block = weights.at(`down_blocks.${level}`)
    for (let i = 0; i < block.count('resnets'); i++) {
      hidden = blockLayer(net, hidden, block, i, facts.heads[level] ?? 0)
      skips.push(hidden)
    }
    const down = block.at('downsamplers.0.conv')
    if (down.hasAny()) skips.push((hidden = convolution(g, hidden, down, { stride: 2 })))
  }
  const middle = weights.at('mid_block')
  hidden = blockLayer(net, hidden, middle, 0, facts.heads.at(-1) ?? 0)
  hidden = resnet(g, hidden, time, middle.at('resnets.1'), norm)
  for (let level = 0; level < levels; level++) {
    const block = weights.at(`up_blocks.${level}`)
    for (let i = 0; i < block.count('resnets'); i++) {
      const joined = g.op('Concat', [hidden, skips.pop() ?? ''], { axis: 1 })
      hidden = blockLayer(net, joined, block, i, facts.heads[levels - 1 - level] ?? 0)
    }
    const up = block.at('upsamplers.0.conv')
    if (up.hasAny()) hidden = upsample(g, hidden, up)
  }
  const normal = silu(g, groupNorm(g, hidden, weights.at('conv_norm_out'), norm))
  const [outChannels = 0] = weights.get('conv_out.weight').dims
  g.output('out_sample', convolution(g, normal, weights.at('conv_out')), ['batch', outChannels, 'height', 'width'])
  weights.expectAllUsed()
  return g
}

/** [1 or rows, features] */
function embedTime(g: GraphWriter, weights: Weights, sizes: UnetFacts['added']): string {
  const timestep = g.input('timestep', 'float32', [])
  const first = weights.at('time_embedding')
  const [, size = 0] = first.get('linear_1.weight').dims
  let features = sinusoids(g, g.op('Reshape', [timestep, g.integers([1, 1])]), size)
  const guidance = first.find('cond_proj.weight')
  if (guidance !== null) {
    const [, count = 0] = guidance.dims
    const condition = g.input('timestep_cond', 'float32', ['batch', count])
    features = g.op('Add', [features, linear(g, condition, first.at('cond_proj'))])
  }
  const time = twoLinears(g, features, first)
  const added = weights.at('add_embedding')
  if (sizes === null) return time
  return g.op('Add', [time, twoLinears(g, embedSizes(g, added, sizes), added)])
}

/** Six numbers about size and crop; five in the refiner. */
function embedSizes(g: GraphWriter, added: Weights, { pooled, size }: { pooled: number; size: number }): string {
  const [, total = 0] = added.get('linear_1.weight').dims
  const numbers = Math.round((total - pooled) / size)
  const vector = g.input('text_embeds', 'float32', ['batch', pooled])
  const ids = g.input('time_ids', 'float32', ['batch', numbers])
  const each = sinusoids(g, g.op('Reshape', [ids, g.integers([-1, 1])]), size)
  return g.op('Concat', [vector, g.op('Reshape', [each, g.integers([-1, numbers * size])])], { axis: -1 })
}

function twoLinears(g: GraphWriter, x: string, weights: Weights): string {
  return linear(g, silu(g, linear(g, x, weights.at('linear_1'))), weights.at('linear_2'))
}

/** A residual block and, where there is one, the transformer behind it. */
function blockLayer(net: Net, x: string, block: Weights, i: number, heads: number): string {
  const hidden = resnet(net.g, x, net.time, block.at(`resnets.${i}`), net.norm)
  const attention = block.at(`attentions.${i}`)
  return attention.hasAny() ? transformer(net, hidden, attention, heads) : hidden
}

/** SD 1 projects with convolutions of one pixel, the others with matrices: the same numbers. */
function transformer({ g, text, norm, attention }: Net, x: string, weights: Weights, heads: number): string {
  const [channels = 0] = weights.get('norm.weight').dims
  const normal = groupNorm(g, x, weights.at('norm'), { ...norm, epsilon: TRANSFORMER_EPSILON })
  const { tokens, toPicture } = toTokens(g, normal, channels)
  let hidden = linear(g, tokens, weights.at('proj_in'))
  for (let i = 0; i < weights.count('transformer_blocks'); i++) {
    const block = weights.at(`transformer_blocks.${i}`)
    const own = layerNorm(g, hidden, block.at('norm1'))
    hidden = g.op('Add', [crossAttention(g, own, own, block.at('attn1'), { ...attention, heads }), hidden])
    const asked = layerNorm(g, hidden, block.at('norm2'))
    hidden = g.op('Add', [crossAttention(g, asked, text, block.at('attn2'), { ...attention, heads }), hidden])
    hidden = g.op('Add', [feedForward(g, layerNorm(g, hidden, block.at('norm3')), block.at('ff.net')), hidden])
  }
  return g.op('Add', [toPicture(linear(g, hidden, weights.at('proj_out'))), x])
}

function crossAttention(g: GraphWriter, x: string, context: string, weights: Weights, attention: Attention): string {
  const [width = 0] = weights.get('to_q.weight').dims
  const q = linear(g, x, weights.at('to_q'))
  const [k, v] = ['to_k', 'to_v'].map(name => linear(g, context, weights.at(name)))
  return linear(g, attend(g, { q, k, v }, width, attention), weights.at('to_out.0'))
}

/** W2 (a gelu(b)), [a, b] = W1 x */
function feedForward(g: GraphWriter, x: string, weights: Weights): string {
  const [value, gate] = g.halves(linear(g, x, weights.at('0.proj')), -1)
  return linear(g, g.op('Mul', [value, g.op('Gelu', [gate])]), weights.at('2'))
}

function firstCrossKey(weights: Weights): string {
  for (let level = 0; level < weights.count('down_blocks'); level++) {
    const key = `down_blocks.${level}.attentions.0.transformer_blocks.0.attn2.to_k.weight`
    if (weights.has(key)) return key
  }
  return 'mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight'
}
