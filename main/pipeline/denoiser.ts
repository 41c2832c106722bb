/**
 * The network that predicts noise (or v, x0, flow) from noisy latents: a U-Net or a transformer, as an ONNX graph. Feeds
 * go in by name with the element type and shape that the graph asks for; nothing here knows a model family.
 */
import { AppError } from '#contract/errors'
import type { Session, SessionRelief, TensorInfo } from './session.ts'
import { concatRows, repeatRows, sliceRows, type FloatTensor, type Tensor } from './tensor.ts'
import { toFloat32, toTensor } from './tensor-cast.ts'

/** Inputs beside latents and timestep, by the graph's names, all with the same number of rows. */
export type Conditions = Readonly<Record<string, FloatTensor>>

export interface Denoiser {
  /** Name and shape of the latents' input. */
  readonly sample: TensorInfo
  readonly inputs: readonly TensorInfo[]
  /** One call of the network for [rows, ...] latents; rows are split or filled up where the graph's batch is fixed. */
  predict(sample: FloatTensor, timestep: number, conditions: Conditions): Promise<FloatTensor>
  /** The same with every output by its name. */
  predictAll(
    sample: FloatTensor,
    timestep: number,
    conditions: Conditions,
  ): Promise<Readonly<Record<string, FloatTensor>>>
  /** At most so many rows a run from now on: the way out when memory is short. False where it cannot be fewer than before. */
  limitRows(rows: number): boolean
  /** What `limitRows` has come to; null when nothing was ever limited. */
  relievedRows(): number | null
  readonly relief: SessionRelief | null
}

const SAMPLE_NAMES = ['sample', 'hidden_states', 'latent_model_input']
const TIMESTEP_NAMES = ['timestep', 'timesteps', 't']

/** `name` is the folder, for messages. Throws `model-incompatible` when the graph has no input for latents or timestep. */
export function createDenoiser(session: Session, name: string): Denoiser {
  const sample = findInput(session, name, SAMPLE_NAMES)
  const timestepInput = findInput(session, name, TIMESTEP_NAMES)
  const fixedRows = typeof sample.shape[0] === 'number' ? sample.shape[0] : null
  const casts = createCastCache(name, fixedRows)
  let relievedRows: number | null = null

  async function runAll(
    latents: FloatTensor,
    timestep: number,
    conditions: Conditions,
  ): Promise<Record<string, FloatTensor>> {
    const filled = fixedRows === null ? latents : fillRows(latents, fixedRows)
    const feeds: Record<string, Tensor> = {}
    for (const input of session.inputs) {
      if (input === sample) feeds[input.name] = toTensor(filled.data, filled.dims, input.dtype)
      else if (input === timestepInput) feeds[input.name] = timestepTensor(input, timestep, filled.dims[0])
      else feeds[input.name] = casts(getCondition(conditions, input, name), input)
    }
    const outputs = await session.run(feeds)
    const predicted: Record<string, FloatTensor> = {}
    for (const { name: output } of session.outputs) {
      const { dims } = outputs[output]
      predicted[output] = sliceRows({ dims, data: toFloat32(outputs[output]) }, 0, latents.dims[0])
    }
    return predicted
  }

  function runRows(
    latents: FloatTensor,
    timestep: number,
    conditions: Conditions,
  ): Promise<Record<string, FloatTensor>> {
    const limit = relievedRows ?? fixedRows ?? Infinity
    return latents.dims[0] <= limit
      ? runAll(latents, timestep, conditions)
      : runParts(latents, timestep, conditions, limit)
  }

  async function runParts(
    latents: FloatTensor,
    timestep: number,
    conditions: Conditions,
    limit: number,
  ): Promise<Record<string, FloatTensor>> {
    const rows = latents.dims[0]
    const parts: Record<string, FloatTensor>[] = []
    for (let start = 0; start < rows; start += limit) {
      const end = Math.min(rows, start + limit)
      parts.push(await runAll(sliceRows(latents, start, end), timestep, sliceConditions(conditions, rows, start, end)))
    }
    return Object.fromEntries(
      Object.keys(parts[0]).map(output => [output, concatRows(parts.map(part => part[output]))]),
    )
  }

  return {
    sample,
    inputs: session.inputs,
    relief: session.relief ?? null,
    relievedRows: () => relievedRows,
    limitRows(rows) {
      if (fixedRows !== null || rows < 1 || rows >= (relievedRows ?? Infinity)) return false
      relievedRows = rows
      return true
    },
    predictAll: runRows,
    predict: async (latents, timestep, conditions) =>
      (await runRows(latents, timestep, conditions))[session.outputs[0].name],
  }
}

/** A scalar, a list of one, or one a row: whatever the graph declares. */
function timestepTensor(input: TensorInfo, timestep: number, rows: number): Tensor {
  const [length] = input.shape
  const dims = input.shape.length === 0 ? [] : [typeof length === 'number' ? length : rows]
  return toTensor(new Array<number>(dims[0] ?? 1).fill(timestep), dims, input.dtype)
}

/** Conditions stay the same over all steps: each is checked and cast once and kept as long as its float32 original lives. */
function createCastCache(name: string, fixedRows: number | null): (tensor: FloatTensor, input: TensorInfo) => Tensor {
  const cache = new WeakMap<Float32Array, Tensor>()
  return (tensor, input) => {
    const known = cache.get(tensor.data)
    if (known) return known
    checkShape(tensor, input, name)
    const filled = fixedRows === null || tensor.dims[0] >= fixedRows ? tensor : fillRows(tensor, fixedRows)
    const cast = toTensor(filled.data, fitRank(filled.dims, input.shape), input.dtype)
    cache.set(tensor.data, cast)
    return cast
  }
}

/** Exports differ in whether a single number has a rank: [1] and [] hold the same. */
function fitRank(dims: readonly number[], shape: readonly (number | string)[]): readonly number[] {
  return shape.length === 0 && dims.length === 1 && dims[0] === 1 ? [] : dims
}

function getCondition(conditions: Conditions, input: TensorInfo, name: string): FloatTensor {
  const condition = conditions[input.name]
  if (condition) return condition
  const [file, expected] = [`${name}/model.onnx`, Object.keys(conditions)]
  throw new AppError('model-incompatible', `${file} asks for the input "${input.name}", which Easel does not know.`, {
    details: { file, tensor: input.name, expected, actual: input.shape },
  })
}

/** ONNX Runtime would say the same in the middle of a step, with less of the names. */
function checkShape(condition: FloatTensor, input: TensorInfo, name: string): void {
  const wrong = input.shape.some((size, axis) => axis > 0 && typeof size === 'number' && size !== condition.dims[axis])
  if (!wrong) return
  const [expected, actual] = [input.shape, condition.dims].map(shape => `[${shape.join(', ')}]`)
  throw new AppError(
    'model-incompatible',
    `${name}/model.onnx wants ${input.name} as ${expected}, but the model's other parts give ${actual}.`,
    { details: { file: `${name}/model.onnx`, tensor: input.name, expected, actual } },
  )
}

function sliceConditions(conditions: Conditions, rows: number, start: number, end: number): Conditions {
  return Object.fromEntries(
    Object.entries(conditions).map(([name, tensor]) => [
      name,
      tensor.dims[0] === rows ? sliceRows(tensor, start, end) : tensor,
    ]),
  )
}

function fillRows(tensor: FloatTensor, rows: number): FloatTensor {
  const missing = rows - tensor.dims[0]
  if (missing <= 0) return tensor
  const last = sliceRows(tensor, tensor.dims[0] - 1, tensor.dims[0])
  return concatRows([tensor, repeatRows(last, missing)])
}

function findInput(session: Session, name: string, names: readonly string[]): TensorInfo {
  const input = session.inputs.find(candidate => names.includes(candidate.name))
  if (input) return input
  const actual = session.inputs.map(candidate => candidate.name)
  throw new AppError(
    'model-incompatible',
    `${name}/model.onnx has no input ${names[0]} (it has ${actual.join(', ')}).`,
    {
      details: { file: `${name}/model.onnx`, tensor: names[0], expected: names, actual },
    },
  )
}
