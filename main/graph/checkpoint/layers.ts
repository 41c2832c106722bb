/**
 * The layers that Stable Diffusion's networks are made of (Rombach et al. 2022, arXiv 2112.10752), as nodes. Pictures are
 * [rows, channels, height, width]; sequences are kept as [rows * tokens, features], which is what matrices want.
 */
import { float, type GraphWriter } from './graph-writer.ts'
import type { Weights } from './weights.ts'

/** Number of groups and epsilon of a group norm. */
export interface Norm {
  groups: number
  epsilon: number
}

export interface Attention {
  heads: number
  /** The runtime's own operator needs less memory and time, where its results are right. */
  isFused: boolean
  /** Number of rows, as a tensor [1]. */
  rows: string
}

/** y = x W^T + b on [n, in] */
export function linear(g: GraphWriter, x: string, weights: Weights): string {
  const matrix = weights.get('weight')
  const [out = 0, inner = 0] = matrix.dims
  const bias = weights.find('bias')
  const inputs = [x, g.weight(matrix, [out, inner]), ...(bias === null ? [] : [g.weight(bias)])]
  return g.op('Gemm', inputs, { transB: matrix.isTransposed === true ? 0 : 1 })
}

export function convolution(g: GraphWriter, x: string, weights: Weights, { stride = 1, pads = -1 } = {}): string {
  const kernel = weights.get('weight')
  const side = kernel.dims[3] ?? 1
  const pad = pads < 0 ? Math.floor(side / 2) : pads
  const bias = weights.find('bias')
  const inputs = [x, g.weight(kernel), ...(bias === null ? [] : [g.weight(bias)])]
  return g.op('Conv', inputs, { kernel_shape: [side, side], strides: [stride, stride], pads: [pad, pad, pad, pad] })
}

/** As an instance norm of the groups: the form that every provider has, and the fastest of five on the processor. */
export function groupNorm(g: GraphWriter, x: string, weights: Weights, { groups, epsilon }: Norm): string {
  const weight = weights.get('weight')
  const channels = weight.dims[0] ?? 0
  const shape = g.op('Shape', [x])
  const grouped = g.op('Reshape', [x, g.integers([0, groups, -1])])
  const [ones, zeros] = [1, 0].map(value => g.floats(new Float32Array(groups).fill(value), [groups]))
  const normal = g.op('InstanceNormalization', [grouped, ones, zeros], { epsilon: float(epsilon) })
  const scaled = g.op('Mul', [g.op('Reshape', [normal, shape]), g.weight(weight, [channels, 1, 1])])
  return g.op('Add', [scaled, g.weight(weights.get('bias'), [channels, 1, 1])])
}

export function layerNorm(g: GraphWriter, x: string, weights: Weights): string {
  const inputs = [x, g.weight(weights.get('weight')), g.weight(weights.get('bias'))]
  return g.op('LayerNormalization', inputs, { axis: -1, epsilon: float(1e-5) })
}

/** x sigmoid(x) */
export function silu(g: GraphWriter, x: string): string {
  return g.op('Mul', [x, g.op('Sigmoid', [x])])
}

/** `time`: silu of the time embedding [rows or 1, features]; null in an autoencoder. */
export function resnet(g: GraphWriter, x: string, time: string | null, weights: Weights, norm: Norm): string {
  let hidden = convolution(g, silu(g, groupNorm(g, x, weights.at('norm1'), norm)), weights.at('conv1'))
  if (time !== null) {
    const shift = g.op('Unsqueeze', [linear(g, time, weights.at('time_emb_proj')), g.integers([2, 3])])
    hidden = g.op('Add', [hidden, shift])
  }
  hidden = convolution(g, silu(g, groupNorm(g, hidden, weights.at('norm2'), norm)), weights.at('conv2'))
  const shortcut = weights.at('conv_shortcut')
  return g.op('Add', [shortcut.hasAny() ? convolution(g, x, shortcut) : x, hidden])
}

/** Twice the size, each value four times. */
export function upsample(g: GraphWriter, x: string, weights: Weights): string {
  const inputs = [x, '', g.floats([1, 1, 2, 2], [4])]
  const modes = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }
  return convolution(g, g.op('Resize', inputs, modes), weights)
}

/** Picture -> [rows * height * width, channels], and the way back. */
export function toTokens(
  g: GraphWriter,
  x: string,
  channels: number,
): { tokens: string; toPicture(tokens: string): string } {
  const last = g.op('Transpose', [x], { perm: [0, 2, 3, 1] })
  const place = g.op('Shape', [last], { end: 3 })
  return {
    tokens: g.op('Reshape', [last, g.integers([-1, channels])]),
    toPicture(tokens) {
      const shape = g.op('Concat', [place, g.integers([-1])], { axis: 0 })
      return g.op('Transpose', [g.op('Reshape', [tokens, shape])], { perm: [0, 3, 1, 2] })
    },
  }
}

/** softmax(q k^T / sqrt(d)) v on [rows * tokens, heads * d]; `mask` is added to the scores. */
export function attend(
  g: GraphWriter,
  { q, k, v }: { q: string; k: string; v: string },
  width: number,
  { heads, isFused, rows }: Attention,
  mask: string | null = null,
): string {
  const shaped = (x: string, ...rest: number[]) =>
    g.op('Reshape', [x, g.op('Concat', [rows, g.integers([-1, ...rest])], { axis: 0 })])
  if (isFused && mask === null) {
    const inputs = [q, k, v].map(x => shaped(x, width))
    const joined = g.op('MultiHeadAttention', inputs, { num_heads: heads }, 'com.microsoft')
    return g.op('Reshape', [joined, g.integers([-1, width])])
  }
  const size = width / heads
  const split = (x: string, perm: readonly number[]) => g.op('Transpose', [shaped(x, heads, size)], { perm })
  const scores = g.op('MatMul', [split(q, [0, 2, 1, 3]), split(k, [0, 2, 3, 1])])
  const scaled = g.op('Mul', [scores, g.floats([1 / Math.sqrt(size)], [])])
  const shares = g.op('Softmax', [mask === null ? scaled : g.op('Add', [scaled, mask])], { axis: -1 })
  const joined = g.op('Transpose', [g.op('MatMul', [shares, split(v, [0, 2, 1, 3])])], { perm: [0, 2, 1, 3] })
  return g.op('Reshape', [joined, g.integers([-1, width])])
}

/** Frequencies exp(-ln(10000) i / half), float32 at each step as the networks were trained with: [1, half]. */
export function frequencies(g: GraphWriter, size: number): string {
  const { fround } = Math
  const half = size / 2
  const values = Float32Array.from({ length: half }, (_, i) => Math.exp(fround(fround(-Math.log(10_000) * i) / half)))
  return g.floats(values, [1, half])
}

/** [n, 1] -> [n, size]: cosines, then sines. */
export function sinusoids(g: GraphWriter, numbers: string, size: number): string {
  const angles = g.op('Mul', [numbers, frequencies(g, size)])
  return g.op('Concat', [g.op('Cos', [angles]), g.op('Sin', [angles])], { axis: -1 })
}
