/** What keeps ONNX Runtime from opening one graph, as far as its header tells: versions, operators, element types, weights that lie elsewhere. */
import type { ErrorCode, ErrorPayload } from '#contract/errors'
import { bytesPerElement, type OnnxHeader } from '#graph/onnx-types'
import { judgeOperator, MAX_IR_VERSION, MAX_OPSETS } from '#graph/runtime-support'
import { inFolder, type FolderContents, type Part } from './folder-contents.ts'

/** Element types that Easel can feed and read. */
const TENSOR_TYPES = new Set(['float32', 'float16', 'float64', 'int32', 'int64', 'uint8', 'bool'])

export function findGraphProblems(part: Part, files: FolderContents['files']): ErrorPayload[] {
  return [...versionProblems(part), ...operatorProblems(part), ...typeProblems(part), ...externalProblems(part, files)]
}

/** One way of saying it for all checks: the file, the tensor or thing, what was expected, what is there. */
export function problem(
  code: ErrorCode,
  message: string,
  details: { file: string; tensor?: string; expected?: unknown; actual?: unknown },
): ErrorPayload {
  return { code, message, details }
}

function versionProblems({ file, header }: Part): ErrorPayload[] {
  const newer = `${file} was written for a newer ONNX than Easel's runtime knows`
  const remedy = 'Export the model again with an older opset, or update Easel.'
  const found: ErrorPayload[] = []
  if (header.irVersion > MAX_IR_VERSION) {
    const [expected, actual] = [`IR version up to ${MAX_IR_VERSION}`, `IR version ${header.irVersion}`]
    found.push(
      problem('model-incompatible', `${newer}: ${actual}, known is ${expected}. ${remedy}`, { file, expected, actual }),
    )
  }
  for (const [domain, version] of header.opsets) {
    const max = MAX_OPSETS.get(domain)
    if (max === undefined || version <= max) continue
    const name = domain === '' ? 'opset' : `opset of ${domain}`
    const [expected, actual] = [`${name} up to ${max}`, `${name} ${version}`]
    found.push(
      problem('model-incompatible', `${newer}: ${actual}, known is ${expected}. ${remedy}`, { file, expected, actual }),
    )
  }
  return found
}

function operatorProblems({ file, header }: Part): ErrorPayload[] {
  const bad = (wanted: 'unknown' | 'gpu-only') =>
    header.operators.filter(({ domain, type }) => {
      const isLocal = header.functions.has(`${domain}::${type}`)
      return judgeOperator(domain, type, isLocal) === wanted
    })
  const [unknown, gpuOnly] = [bad('unknown'), bad('gpu-only')]
  const found: ErrorPayload[] = []
  if (unknown.length > 0) {
    const actual = unknown.map(nameOfOperator).join(', ')
    const message = `${file} uses ${actual}, which ONNX Runtime does not have. Look for an export of this model without it.`
    found.push(problem('model-incompatible', message, { file, expected: 'operators of ONNX Runtime', actual }))
  }
  if (gpuOnly.length > 0) {
    const actual = gpuOnly.map(nameOfOperator).join(', ')
    const message = `${file} was optimised for graphics cards: ${actual} cannot run on the CPU. Choose the export of this model that was not optimised (often named "cpu" or "fp32").`
    found.push(problem('model-incompatible', message, { file, expected: 'operators that run on the CPU', actual }))
  }
  return found
}

function nameOfOperator({ domain, type }: OnnxHeader['operators'][number]): string {
  return domain === '' ? type : `${domain}::${type}`
}

function typeProblems({ file, header }: Part): ErrorPayload[] {
  return [...header.inputs, ...header.outputs]
    .filter(({ dtype }) => !TENSOR_TYPES.has(dtype))
    .map(({ name, dtype }) =>
      problem(
        'model-incompatible',
        `${file} wants its tensor ${name} as ${dtype}, which Easel cannot give. Choose an export in float32 or float16.`,
        {
          file,
          tensor: name,
          expected: [...TENSOR_TYPES].join(', '),
          actual: dtype,
        },
      ),
    )
}

/** One problem a weight file: a name that the runtime refuses, a file that is absent, a file that is too short. */
function externalProblems({ name: part, file, header }: Part, files: FolderContents['files']): ErrorPayload[] {
  const needed = new Map<string, { bytes: number; tensor: string }>()
  for (const { name, external, dtype, dims } of header.initializers) {
    if (external === null) continue
    const whole = dims.reduce((product, size) => product * size, bytesPerElement(dtype) ?? 0)
    const bytes = external.offset + (external.length ?? whole)
    const known = needed.get(external.location)
    if (known === undefined || known.bytes < bytes) needed.set(external.location, { bytes, tensor: name })
  }
  return [...needed].flatMap(([location, { bytes, tensor }]) => {
    if (/^([/\\]|[A-Za-z]:)|(^|[/\\])\.\.([/\\]|$)/.test(location)) {
      const message = `${file} keeps weights in ${location}, outside of its folder, which is not allowed. Put the weights beside the graph.`
      return [
        problem('model-incompatible', message, {
          file,
          tensor,
          expected: 'a file in the same folder',
          actual: location,
        }),
      ]
    }
    const path = inFolder(part, location.replaceAll('\\', '/').replace(/^\.\//, ''))
    const size = files.get(path)
    if (size === undefined) {
      const message = `${file} keeps its weights in ${path}, which is not there. Download it too.`
      return [
        problem('model-missing', message, { file: path, tensor, expected: `${bytes} bytes`, actual: 'no such file' }),
      ]
    }
    if (size >= bytes) return []
    const message = `${path} is cut off: it has ${size} bytes and ${file} reads up to byte ${bytes} (${tensor}). Download it again.`
    return [
      problem('model-corrupt', message, { file: path, tensor, expected: `${bytes} bytes`, actual: `${size} bytes` }),
    ]
  })
}
