/**
 * What opening a large model costs: half a gigabyte of weights, once inside the graph's file and once in a file beside it,
 * opened as the engine does in a process of its own. `share`: peak memory over the runtime's own, divided by the files' sizes.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { bytesField, join, numberField, packedField, textField, type Pieces } from '#graph/proto-writer'
import { externalTensor, float32Bytes, inlineTensor } from '#graph/tensor-writer'
import { round } from './statistics.ts'

/** Convolutions of 3 x 3 and matrices in a U-Net's proportions. */
const CONVOLUTIONS = { count: 30, channels: 512 }
const MATRICES = { count: 14, width: 2048 }
const CHILD = path.join(import.meta.dirname, 'load-child.ts')

interface Weight {
  name: string
  dims: readonly number[]
}

export function benchLoad() {
  const folder = mkdtempSync(path.join(tmpdir(), 'easel-bench-'))
  try {
    const tiny = path.join(folder, 'tiny.onnx')
    writeModel(tiny, null, [{ name: 'c0', dims: [4, 4, 3, 3] }])
    const own = measure(tiny)
    const weights = largeWeights()
    const inside = path.join(folder, 'inside.onnx')
    writeModel(inside, null, weights)
    const beside = path.join(folder, 'beside.onnx')
    writeModel(beside, `${beside}_data`, weights)
    const compare = (graph: string, files: readonly string[], ...flags: string[]) => {
      const sizeBytes = files.reduce((sum, file) => sum + statSync(file).size, 0)
      const { peakBytes, afterRunBytes, loadMs } = measure(graph, ...flags)
      const share = (bytes: number) => round((bytes - own.peakBytes) / sizeBytes)
      return {
        fileMb: round(sizeBytes / 2 ** 20),
        loadMs,
        share: share(peakBytes),
        shareAfterRun: share(afterRunBytes),
      }
    }
    return {
      runtimeMb: round(own.peakBytes / 2 ** 20),
      insideTheGraph: compare(inside, [inside]),
      insideAndReadAsItIs: compare(inside, [inside], '--as-it-is'),
      besideTheGraph: compare(beside, [beside, `${beside}_data`]),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function largeWeights(): Weight[] {
  const { channels, count } = CONVOLUTIONS
  const convolutions = Array.from({ length: count }, (_, i) => ({ name: `c${i}`, dims: [channels, channels, 3, 3] }))
  const { width } = MATRICES
  return [
    ...convolutions,
    ...Array.from({ length: MATRICES.count }, (_, i) => ({ name: `m${i}`, dims: [width, width] })),
  ]
}

/** Convolutions one behind the other on [1, channels, 8, 8], matrices on [8, width]; weights by name. */
function writeModel(file: string, dataFile: string | null, weights: readonly Weight[]): void {
  const out = openSync(file, 'w')
  const data = dataFile === null ? null : openSync(dataFile, 'w')
  let offset = 0
  const tensors = weights.map(({ name, dims }): Pieces => {
    const count = dims.reduce((product, n) => product * n, 1)
    const values = float32Bytes(Float32Array.from({ length: count }, (_, i) => ((i % 17) - 8) / count))
    const head = { name, dims, dtype: 'float32' } as const
    if (data === null) return bytesField(5, inlineTensor(head, values))
    writeSync(data, values)
    const start = offset
    offset += values.length
    return bytesField(5, externalTensor(head, path.basename(dataFile ?? ''), start, offset))
  })
  const kinds = [...new Set(weights.map(({ name }) => name[0]))]
  const chains = kinds.map(kind => chainOf(weights.filter(({ name }) => name.startsWith(kind))))
  const graph = [...textField(2, 'bench'), ...chains.flat(), ...tensors.flat()]
  writeSync(out, join([...numberField(1, 9), ...bytesField(7, graph), ...bytesField(8, numberField(2, 17))]))
  closeSync(out)
  if (data !== null) closeSync(data)
}

function chainOf(weights: readonly Weight[]): Pieces {
  const [{ name: first, dims }] = weights
  const isConvolution = dims.length === 4
  const shape = isConvolution ? [1, dims[1], 8, 8] : [8, dims[0]]
  const kind = first[0]
  const pads = bytesField(5, [...textField(1, 'pads'), ...packedField(8, [1, 1, 1, 1]), ...numberField(20, 7)])
  const nodes = weights.map(({ name }, i) => {
    const [input, output] = [
      i === 0 ? `${kind}_in` : `${kind}_${i - 1}`,
      i === weights.length - 1 ? `${kind}_out` : `${kind}_${i}`,
    ]
    const names = [...textField(1, input), ...textField(1, name), ...textField(2, output)]
    return bytesField(1, [...names, ...textField(4, isConvolution ? 'Conv' : 'MatMul'), ...(isConvolution ? pads : [])])
  })
  return [...nodes.flat(), ...valueField(11, `${kind}_in`, shape), ...valueField(12, `${kind}_out`, shape)]
}

function valueField(field: number, name: string, shape: readonly number[]): Pieces {
  const dims = shape.flatMap(size => bytesField(1, numberField(1, size)))
  const tensor = bytesField(1, [...numberField(1, 1), ...bytesField(2, dims)])
  return bytesField(field, [...textField(1, name), ...bytesField(2, tensor)])
}

function measure(graph: string, ...flags: string[]): { peakBytes: number; afterRunBytes: number; loadMs: number } {
  const { stdout, stderr, status } = spawnSync(process.execPath, [CHILD, graph, ...flags], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the process that opens ${graph} failed: ${stderr}`)
  return JSON.parse(stdout) as ReturnType<typeof measure>
}
