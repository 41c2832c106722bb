/**
 * Spherical interpolation of two noise tensors: how a variation seed is mixed in without making the noise fainter.
 *   slerp(t; a, b) = sin((1 - t) omega) / sin(omega) a + sin(t omega) / sin(omega) b,   cos(omega) = <a, b> / (|a| |b|)
 * Shoemake 1985, doi 10.1145/325165.325242. As in A1111 the angle is taken for each column of each channel (the sums run
 * over the height), not for the tensor as a whole, so that its variation seeds make the same pictures here.
 */

/** Above this mean cosine the two are the same noise, and sin(omega) would divide by zero. */
const SAME_NOISE = 0.9995

/** a, b: [..., height, width] flattened. t = 0 gives a, t = 1 gives b. Returns a new array. */
export function slerpColumns(t: number, a: Float32Array, b: Float32Array, dims: readonly number[]): Float32Array {
  const [height, width] = dims.slice(-2)
  const cosines = cosinesOfColumns(a, b, height, width)
  const same = mean(cosines) > SAME_NOISE
  const mixed = new Float32Array(a.length)
  for (let column = 0; column < cosines.length; column++) {
    const omega = Math.acos(cosines[column])
    const weightA = same ? 1 - t : Math.sin((1 - t) * omega) / Math.sin(omega)
    const weightB = same ? t : Math.sin(t * omega) / Math.sin(omega)
    const first = firstIndex(column, height, width)
    for (let y = 0, i = first; y < height; y++, i += width) mixed[i] = weightA * a[i] + weightB * b[i]
  }
  return mixed
}

function cosinesOfColumns(a: Float32Array, b: Float32Array, height: number, width: number): Float64Array {
  const cosines = new Float64Array(a.length / height)
  for (let column = 0; column < cosines.length; column++) {
    let [ab, aa, bb] = [0, 0, 0]
    for (let y = 0, i = firstIndex(column, height, width); y < height; y++, i += width) {
      ab += a[i] * b[i]
      aa += a[i] * a[i]
      bb += b[i] * b[i]
    }
    cosines[column] = ab / Math.sqrt(aa * bb)
  }
  return cosines
}

/** Columns are counted channel by channel. */
function firstIndex(column: number, height: number, width: number): number {
  const channel = Math.floor(column / width)
  return channel * height * width + (column % width)
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
