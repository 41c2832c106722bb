/**
 * Layer normalisation (Ba et al. 2016, arXiv 1607.06450), which CLIP puts behind its last layer: states of an earlier layer
 * must go through it before the U-Net understands them.
 *
 *   y = (x - mean(x)) / sqrt(var(x) + 1e-5) * weight + bias      over the features of each token
 */
import type { FloatTensor } from '../tensor.ts'

export interface LayerNorm {
  /** One a feature. */
  weight: Float32Array
  bias: Float32Array
}

/** CLIP's own; its configs never say another. */
const EPSILON = 1e-5

/** [rows, tokens, width] */
export function normalizeLayer({ dims, data }: FloatTensor, { weight, bias }: LayerNorm): FloatTensor {
  const width = dims[2]
  const normalized = new Float32Array(data.length)
  for (let start = 0; start < data.length; start += width) {
    const token = data.subarray(start, start + width)
    const mean = token.reduce((sum, x) => sum + x, 0) / width
    const variance = token.reduce((sum, x) => sum + (x - mean) ** 2, 0) / width
    const scale = 1 / Math.sqrt(variance + EPSILON)
    for (let i = 0; i < width; i++) normalized[start + i] = (token[i] - mean) * scale * weight[i] + bias[i]
  }
  return { dims, data: normalized }
}
