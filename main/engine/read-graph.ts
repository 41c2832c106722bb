/** The pipeline's ports for what an ONNX file says by itself, without the runtime: single weights, inputs and outputs. */
import { withFileSource } from '#graph/byte-source'
import type { GraphValue } from '#graph/onnx-types'
import { readOnnxHeader } from '#graph/read-header'
import { readWeight } from '#graph/read-weight'
import type { ReadSignature } from '#pipeline/memory/session-pool'
import type { ReadWeight } from '#pipeline/model-files'
import type { TensorInfo } from '#pipeline/session'

/** Only floating-point weights are asked for. */
export const readGraphWeight: ReadWeight = async (graph, name) => {
  const weight = await readWeight(graph, name)
  if (weight === null) return null
  const { dims, bytes } = weight
  if (weight.dtype === 'float32') return { dtype: 'float32', dims, data: new Float32Array(bytes.buffer) }
  if (weight.dtype === 'float16') return { dtype: 'float16', dims, data: new Uint16Array(bytes.buffer) }
  return null
}

export const readGraphSignature: ReadSignature = async graph => {
  const { inputs, outputs } = await withFileSource(graph, graph, readOnnxHeader)
  const [asInputs, asOutputs] = [inputs, outputs].map(toTensorInfos)
  return asInputs === null || asOutputs === null ? null : { inputs: asInputs, outputs: asOutputs }
}

/** null where one has a type that the pipeline does not know, or no shape: the runtime then has to say it. */
function toTensorInfos(values: readonly GraphValue[]): TensorInfo[] | null {
  const infos = values.map(toTensorInfo)
  return infos.every(info => info !== null) ? infos : null
}

function toTensorInfo({ name, dtype, shape }: GraphValue): TensorInfo | null {
  if (shape === null) return null
  switch (dtype) {
    case 'float32':
    case 'float16':
    case 'float64':
    case 'int32':
    case 'int64':
    case 'uint8':
    case 'bool':
      return { name, dtype, shape }
    default:
      return null
  }
}
