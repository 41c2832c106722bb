/**
 * Weights of words, applied as A1111's "(word:1.3)": every token's hidden state is multiplied by its weight, then the
 * window is scaled so that its mean stays what it was:   z' = w z * mean(z) / mean(w z)
 */
import type { FloatTensor } from '../tensor.ts'

/** `states` is one window, [1, tokens, width]. */
export function applyWeights(states: FloatTensor, weights: readonly number[] | null): FloatTensor {
  if (weights === null) return states
  const width = states.dims[2]
  const weighted = states.data.map((value, i) => value * weights[Math.floor(i / width)])
  const [before, after] = [mean(states.data), mean(weighted)]
  if (after === 0) return { dims: states.dims, data: weighted }
  return { dims: states.dims, data: weighted.map(value => value * (before / after)) }
}

function mean(values: Float32Array): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}
