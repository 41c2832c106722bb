/**
 * The step of unipc-transfer.ts on four lanes at a time, for many values: float32 lanes round each product, quotient and sum
 * as `fround` does, so that the bits are the same, in a third of the time.
 */
import {
  f32,
  floats,
  get,
  i32,
  instantiateWasm,
  int,
  load,
  loopWhile,
  set,
  store,
  type Code,
  type WasmFunction,
} from '../wasm-code.ts'
import type { Difference, Transfer } from './unipc-transfer.ts'

/** As many as UniPC's highest order can have. */
const MOST_DIFFERENCES = 9
const VECTOR = 16
/** Values of each operand between two visits of JavaScript: together they stay in a processor's nearest cache. */
const CHUNK = 2048
/** Addresses: coefficients first, each four times; then the sample, which becomes the result, the newest output, the others. */
const OPERANDS = 512
const operandAt = (n: number): number => OPERANDS + n * 4 * CHUNK

export type TransferKernel = (
  out: Float32Array,
  transfer: Transfer,
  sample: Float32Array,
  newest: Float32Array,
  differences: readonly Difference[],
) => void

/** For lengths that are multiples of 4. Null where the runtime has no vectors. */
export function createTransferKernel(): TransferKernel | null {
  const counts = Array.from({ length: MOST_DIFFERENCES }, (_, i) => i + 1)
  const module = instantiateWasm(counts.map(transferFunction), operandAt(MOST_DIFFERENCES + 2))
  if (module === null) return null
  const { buffer, run } = module
  const coefficients = new Float32Array(buffer, 0, OPERANDS / 4)
  const operand = (n: number) => new Float32Array(buffer, operandAt(n), CHUNK)
  const operands = Array.from({ length: MOST_DIFFERENCES + 2 }, (_, n) => operand(n))

  return (out, { scale, clean, bend }, sample, newest, differences) => {
    const values = [scale, clean, bend, ...differences.flatMap(({ rho, ratio }) => [rho, ratio])]
    values.forEach((value, i) => coefficients.fill(value, 4 * i, 4 * i + 4))
    const inputs = [sample, newest, ...differences.map(({ output }) => output)]
    for (let start = 0; start < out.length; start += CHUNK) {
      const end = Math.min(start + CHUNK, out.length)
      inputs.forEach((input, n) => operands[n].set(input.subarray(start, end)))
      run(nameOf(differences.length), 4 * (end - start))
      out.set(operands[0].subarray(0, end - start), start)
    }
  }
}

const nameOf = (differences: number): string => `transfer${differences}`

/** transfer<n>(bytes): the sum over n differences, from the first one on. */
function transferFunction(differences: number): WasmFunction {
  const [bytes, at] = [0, 1]
  const coefficient = (n: number): Code => load(int(0), n * VECTOR)
  const value = (n: number): Code => load(get(at), operandAt(n))
  const term = (k: number): Code => {
    const [rho, ratio] = [coefficient(3 + 2 * k), coefficient(4 + 2 * k)]
    return f32.mul(rho, f32.div(f32.sub(value(2 + k), value(1)), ratio))
  }
  const others = Array.from({ length: differences - 1 }, (_, k) => term(k + 1))
  const sum = others.reduce((terms, next) => f32.add(terms, next), f32.add(floats(0), term(0)))
  const linear = f32.add(f32.mul(coefficient(0), value(0)), f32.mul(coefficient(1), value(1)))
  const body = [
    ...set(at, int(0)),
    ...loopWhile(
      [
        ...store(get(at), f32.add(linear, f32.mul(coefficient(2), sum)), operandAt(0)),
        ...set(at, i32.add(get(at), int(VECTOR))),
      ],
      i32.below(get(at), get(bytes)),
    ),
    ...get(at),
  ]
  return { name: nameOf(differences), parameters: 1, integers: 1, vectors: 0, body }
}
