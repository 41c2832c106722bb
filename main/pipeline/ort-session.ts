/**
 * The Session port on ONNX Runtime: the only file that imports it. Tensors are translated both ways and errors are
 * turned into the application's own. Cancelling is not possible here: a run blocks its thread until it ends.
 */
import * as ort from 'onnxruntime-node'
import { AppError } from '#contract/errors'
import type { Provider } from '#contract/providers'
import type { CreateSession, Session, SessionOptions, TensorInfo } from './session.ts'
import type { DType, Tensor } from './tensor.ts'
import { toOrtError } from './ort-errors.ts'

/**
 * 'all' adds the NCHWc layout: convolutions 0-20 % faster (U-Net of the starter: 11.8 instead of 13.5 ms), no cost at
 * load for small graphs, but 12-19 s instead of 1 s for one of 3.4 GB.
 */
const FULL_OPTIMISATION_BYTES = 256 * 2 ** 20

export const createOrtSession: CreateSession = async (file, options) => {
  let session: ort.InferenceSession
  const provider = options.provider ?? 'cpu'
  checkBundled(provider)
  try {
    const written = await options.write?.(provider)
    const onProcessor = (await options.processorNodes?.(provider)) ?? []
    const settings = sessionOptions({ ...options, provider }, { weightsFolder: written?.folder, onProcessor })
    session =
      written === undefined
        ? await ort.InferenceSession.create(file, settings)
        : await ort.InferenceSession.create(written.bytes, settings)
  } catch (error) {
    throw toOrtError(error, { file, while: 'loading' })
  }
  const inputs = session.inputMetadata.map(value => toTensorInfo(value, file))
  const outputs = session.outputMetadata.map(value => toTensorInfo(value, file))
  return wrapSession(session, file, inputs, outputs)
}

function wrapSession(
  session: ort.InferenceSession,
  file: string,
  inputs: TensorInfo[],
  outputs: TensorInfo[],
): Session {
  return {
    inputs,
    outputs,
    async run(feeds) {
      const ortFeeds: Record<string, ort.Tensor> = {}
      for (const { name } of inputs) {
        if (!Object.hasOwn(feeds, name)) throw notFed(file, name, Object.keys(feeds))
        ortFeeds[name] = toOrtTensor(feeds[name])
      }
      let results: ort.InferenceSession.OnnxValueMapType
      try {
        results = await session.run(ortFeeds)
      } catch (error) {
        throw toOrtError(error, { file, while: 'running' })
      }
      const tensors: Record<string, Tensor> = {}
      for (const { name } of outputs) tensors[name] = fromOrtTensor(results[name], name, file)
      return tensors
    },
    release: () => session.release(),
  }
}

/** ONNX Runtime leaves out a provider that it does not have, and would compute on the processor without a word. */
function checkBundled(provider: Provider): void {
  const known = ort.listSupportedBackends().map(({ name }) => name)
  if (known.includes(provider)) return
  throw new AppError('device-unavailable', `ONNX Runtime has no ${provider} on this system.`, { details: { known } })
}

function sessionOptions(
  { threads, weightBytes, provider }: SessionOptions & { provider: Provider },
  { weightsFolder, onProcessor }: { weightsFolder: string | undefined; onProcessor: readonly string[] },
): ort.InferenceSession.SessionOptions {
  return {
    graphOptimizationLevel: weightBytes < FULL_OPTIMISATION_BYTES ? 'all' : 'extended',
    executionProviders: provider === 'cpu' ? ['cpu'] : [withProcessorNodes(provider, onProcessor), 'cpu'],
    intraOpNumThreads: threads,
    logSeverityLevel: 4, // errors are thrown with the same words; on stderr they would only frighten
    // One block for all activations of a run can pass 2 GiB, which some hosts' allocators answer with a crash.
    enableMemPattern: false,
    // Idle threads that spin would take a core from whatever else the machine does between two steps.
    extra: {
      session: {
        intra_op: { allow_spinning: '0' },
        ...(weightsFolder !== undefined && { model_external_initializers_file_folder_path: weightsFolder }),
      },
    },
  }
}

/** Only WebGPU can leave single operators to the processor. */
function withProcessorNodes(
  provider: Provider,
  onProcessor: readonly string[],
): ort.InferenceSession.ExecutionProviderConfig {
  return provider === 'webgpu' && onProcessor.length > 0 ? { name: 'webgpu', forceCpuNodeNames: onProcessor } : provider
}

function toTensorInfo(value: ort.InferenceSession.ValueMetadata, file: string): TensorInfo {
  if (!value.isTensor) throw unsupported(file, value.name, 'is not a tensor')
  return { name: value.name, dtype: toDType(value.type, value.name, file), shape: value.shape }
}

function toDType(type: string, name: string, file: string): DType {
  switch (type) {
    case 'float32':
    case 'float16':
    case 'float64':
    case 'int32':
    case 'int64':
    case 'uint8':
    case 'bool':
      return type
    default:
      throw unsupported(file, name, `has the element type ${type}`)
  }
}

/** Conditions are the same tensors in every step: each is wrapped once. */
const wrapped = new WeakMap<Tensor, ort.Tensor>()

function toOrtTensor(tensor: Tensor): ort.Tensor {
  const known = wrapped.get(tensor)
  if (known) return known
  const made = wrapTensor(tensor)
  wrapped.set(tensor, made)
  return made
}

/** float16 data enters as uint16 and is renamed: the binding reads no bytes from a Float16Array on Node 24. */
function wrapTensor(tensor: Tensor): ort.Tensor {
  const { dtype, data, dims } = tensor
  if (dtype !== 'float16') return new ort.Tensor(dtype, data as Float32Array, dims)
  const bits = new ort.Tensor('uint16', data as Uint16Array, dims)
  Object.defineProperty(bits, 'type', { value: 'float16' })
  return bits
}

function fromOrtTensor(value: ort.OnnxValue | undefined, name: string, file: string): Tensor {
  if (!(value instanceof ort.Tensor)) throw unsupported(file, name, 'gave no tensor')
  const { data, dims } = value
  const dtype = toDType(value.type, name, file)
  if (dtype === 'float16') {
    const bits = ArrayBuffer.isView(data) ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) : null
    if (!bits) throw unsupported(file, name, 'gave no data')
    return { dtype, dims, data: bits }
  }
  return { dtype, dims, data: data as Float32Array }
}

/** A graph that stands in another one's place asks for what it is not given. */
function notFed(file: string, tensor: string, actual: string[]): AppError {
  return new AppError('model-incompatible', `${file} asks for the input ${tensor}; it is given ${actual.join(', ')}.`, {
    details: { file, tensor, actual },
  })
}

function unsupported(file: string, tensor: string, what: string): AppError {
  return new AppError('model-incompatible', `${file}: the tensor ${tensor} ${what}, which Easel cannot handle.`, {
    details: { file, tensor },
  })
}
