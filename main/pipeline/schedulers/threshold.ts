/**
 * Dynamic thresholding of a predicted clean sample, one quantile an image: s = clamp(quantile(|x0|, ratio), 1, max),
 * x0' = clamp(x0, -s, s) / s. Saharia et al. 2022 (Imagen, arXiv 2205.11487), section 2.3. It makes sense for models that
 * work on pixels; for latents most configs leave it off.
 */

const { fround } = Math

export function dynamicThreshold(sample: Float32Array, batch: number, ratio: number, maxValue: number): Float32Array {
  const size = sample.length / batch
  const out = new Float32Array(sample.length)
  for (let b = 0; b < batch; b++) {
    const image = sample.subarray(b * size, (b + 1) * size)
    const limit = fround(Math.min(Math.max(quantile(image.map(Math.abs), ratio), 1), maxValue))
    for (let i = 0; i < size; i++) out[b * size + i] = Math.min(Math.max(image[i], -limit), limit) / limit
  }
  return out
}

/** Linear interpolation between the two neighbours of the rank; reorders `values`. */
export function quantile(values: Float32Array, ratio: number): number {
  const rank = fround(fround(ratio) * (values.length - 1))
  const below = Math.floor(rank)
  const low = selectSmallest(values, below)
  if (below === values.length - 1) return low
  let high = Infinity
  for (let i = below + 1; i < values.length; i++) high = Math.min(high, values[i])
  const weight = fround(rank - below)
  const range = fround(high - low)
  return weight < 0.5 ? fround(low + weight * range) : fround(high - range * fround(1 - weight))
}

/** Hoare's selection: afterwards values[k] is the k-th smallest, nothing greater stands before it. O(n) on average. */
function selectSmallest(values: Float32Array, k: number): number {
  let left = 0
  let right = values.length - 1
  while (left < right) {
    const pivot = values[(left + right) >> 1]
    let i = left
    let j = right
    while (i <= j) {
      while (values[i] < pivot) i++
      while (values[j] > pivot) j--
      if (i <= j) {
        const swapped = values[i]
        values[i++] = values[j]
        values[j--] = swapped
      }
    }
    if (k <= j) right = j
    else if (k >= i) left = i
    else return values[k]
  }
  return values[k]
}
