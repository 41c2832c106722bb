/**
 * The tensors of a small PyTorch file (.pt, .bin): a zip archive of a pickle that describes them and of their values. The
 * pickle is never run: of Python's names only those that rebuild tensors are known here.
 */
import { AppError } from '#contract/errors'
import { isObject, readPickle, type PickleObject, type PickleValue } from './pickle.ts'
import { readStoredEntries } from './zip-entries.ts'

export interface TorchTensor {
  dims: readonly number[]
  data: Float32Array
}

const REBUILD = 'torch._utils._rebuild_tensor_v2'
const PARAMETER = 'torch._utils._rebuild_parameter'
const STORAGES: Readonly<Record<string, (bytes: Uint8Array<ArrayBuffer>) => Float32Array>> = {
  'torch.FloatStorage': bytes => new Float32Array(bytes.buffer),
  'torch.HalfStorage': bytes => Float32Array.from(new Float16Array(bytes.buffer)),
}
const ALLOWED = new Set([REBUILD, PARAMETER, 'collections.OrderedDict', ...Object.keys(STORAGES)])

/** Tensors by their path in the file's dictionaries: "string_to_param.*". Throws `model-corrupt` naming the file. */
export function readTorchTensors(name: string, bytes: Uint8Array): ReadonlyMap<string, TorchTensor> {
  try {
    const entries = readStoredEntries(bytes)
    const pickle = [...entries].find(([entry]) => entry === 'data.pkl' || entry.endsWith('/data.pkl'))
    if (pickle === undefined) throw new TypeError('there is no data.pkl in it')
    const folder = pickle[0].slice(0, -'data.pkl'.length)
    const found = new Map<string, TorchTensor>()
    collect('', readPickle(pickle[1], ALLOWED), key => entries.get(`${folder}data/${key}`), found)
    return found
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    const message = `${name} cannot be read: ${reason}. Look for a .safetensors file of the same.`
    throw new AppError('model-corrupt', message, { details: { file: name }, cause })
  }
}

type FindStorage = (key: string) => Uint8Array | undefined

function collect(path: string, value: PickleValue, find: FindStorage, into: Map<string, TorchTensor>): void {
  if (value instanceof Map) {
    for (const [key, inner] of value) collect(path === '' ? String(key) : `${path}.${String(key)}`, inner, find, into)
  } else if (value !== null && isObject(value) && value.kind === 'call') {
    const tensor = toTensor(value, find)
    if (tensor !== null) into.set(path, tensor)
  }
}

function toTensor({ name, args }: PickleObject, find: FindStorage): TorchTensor | null {
  const [first = null] = args
  if (name === PARAMETER) return first !== null && isObject(first) ? toTensor(first, find) : null
  const [, offset, size, stride] = args
  if (name !== REBUILD || first === null || !isObject(first) || first.kind !== 'persistent') return null
  if (typeof offset !== 'number' || !isNumbers(size) || !isNumbers(stride)) throw new TypeError('a tensor has no shape')
  if (!isContiguous(size, stride)) throw new TypeError('a tensor is not stored in order')
  const values = storageOf(first, find).slice(offset, offset + size.reduce((product, n) => product * n, 1))
  return { dims: size, data: values }
}

/** ('storage', type, key, device, count) */
function storageOf({ args }: PickleObject, find: FindStorage): Float32Array {
  const [, type = null, key] = args
  const read = type !== null && isObject(type) ? STORAGES[type.name] : undefined
  const bytes = typeof key === 'string' ? find(key) : undefined
  if (read === undefined || bytes === undefined) throw new TypeError('a tensor has no values')
  return read(Uint8Array.from(bytes))
}

function isNumbers(value: PickleValue | undefined): value is number[] {
  return Array.isArray(value) && value.every(n => typeof n === 'number' && Number.isInteger(n) && n >= 0)
}

function isContiguous(size: readonly number[], stride: readonly number[]): boolean {
  let expected = 1
  for (let axis = size.length - 1; axis >= 0; axis--) {
    if (size[axis] !== 1 && stride[axis] !== expected) return false
    expected *= size[axis] ?? 1
  }
  return true
}
