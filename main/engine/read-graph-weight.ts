/** The pipeline's port for single weights, on the files themselves. Only floating-point weights are asked for. */
import { readWeight } from '#graph/read-weight'
import type { ReadWeight } from '#pipeline/model-files'

export const readGraphWeight: ReadWeight = async (graph, name) => {
  const weight = await readWeight(graph, name)
  if (weight === null) return null
  const { dims, bytes } = weight
  if (weight.dtype === 'float32') return { dtype: 'float32', dims, data: new Float32Array(bytes.buffer) }
  if (weight.dtype === 'float16') return { dtype: 'float16', dims, data: new Uint16Array(bytes.buffer) }
  return null
}
