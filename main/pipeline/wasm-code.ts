/**
 * Just enough of WebAssembly's binary format (webassembly.github.io/spec/core/binary, version 3) to write kernels for four
 * float32 lanes as formulas in TypeScript: an expression is the bytes that leave its value on the stack. One memory, functions
 * of whole numbers, no checks; `WebAssembly.Module` checks what comes out.
 */

/** Bytes of instructions. */
export type Code = readonly number[]

export interface WasmFunction {
  name: string
  /** Locals 0 .. n - 1: the i32 parameters; behind them i32 locals, then vectors. The result is an i32. */
  parameters: number
  integers: number
  vectors: number
  body: Code
}

const I32 = 0x7f
const V128 = 0x7b
const SIMD = 0xfd
const PAGE_BYTES = 2 ** 16

export interface WasmInstance {
  buffer: ArrayBuffer
  /** Calls the function of this name. */
  run: (name: string, ...values: number[]) => number
}

/** What is used of it; the types of Node do not have it. */
declare const WebAssembly:
  | {
      Module: new (bytes: Uint8Array) => object
      Instance: new (module: object) => { exports: unknown }
    }
  | undefined

/** The functions on a memory of at least so many bytes; null where the runtime has no vectors or is set to run none of this. */
export function instantiateWasm(functions: readonly WasmFunction[], bytes: number): WasmInstance | null {
  if (typeof WebAssembly === 'undefined') return null
  try {
    const module = new WebAssembly.Module(toWasmModule(functions, bytes))
    const exports = new WebAssembly.Instance(module).exports as Exports
    return { buffer: exports.memory.buffer, run: (name, ...values) => exports[name](...values) }
  } catch {
    return null
  }
}

type Exports = { memory: { buffer: ArrayBuffer } } & Record<string, (...values: number[]) => number>

/** A module that exports `memory`, of whole pages, and the functions. */
function toWasmModule(functions: readonly WasmFunction[], bytes: number): Uint8Array<ArrayBuffer> {
  const section = (id: number, entries: readonly Code[]): Code => {
    const body = [...unsigned(entries.length), ...entries.flat()]
    return [id, ...unsigned(body.length), ...body]
  }
  const types = functions.map(({ parameters }) => [0x60, parameters, ...Array<number>(parameters).fill(I32), 1, I32])
  const named = (name: string): Code => [...unsigned(name.length), ...Buffer.from(name, 'latin1')]
  const codes = functions.map(({ integers, vectors, body }) => {
    const code = [2, ...unsigned(integers), I32, ...unsigned(vectors), V128, ...body, 0x0b]
    return [...unsigned(code.length), ...code]
  })
  const memory = [...named('memory'), 0x02, 0]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, types),
    ...section(
      3,
      functions.map((_, i) => unsigned(i)),
    ),
    ...section(5, [[0x00, ...unsigned(Math.ceil(bytes / PAGE_BYTES))]]),
    ...section(7, [memory, ...functions.map(({ name }, i) => [...named(name), 0x00, i])]),
    ...section(10, codes),
  ])
}

export const get = (local: number): Code => [0x20, ...unsigned(local)]
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)]
export const int = (value: number): Code => [0x41, ...signed(value)]
/** Repeats `body` as long as `condition` is not 0 behind it: at least once. */
export const loopWhile = (body: Code, condition: Code): Code => [0x03, 0x40, ...body, ...condition, 0x0d, 0, 0x0b]
export const when = (condition: Code, body: Code): Code => [...condition, 0x04, 0x40, ...body, 0x0b]

export const i32 = {
  equal: (a: Code, b: Code): Code => [...a, ...b, 0x46],
  below: (a: Code, b: Code): Code => [...a, ...b, 0x48],
  add: (a: Code, b: Code): Code => [...a, ...b, 0x6a],
  sub: (a: Code, b: Code): Code => [...a, ...b, 0x6b],
  and: (a: Code, b: Code): Code => [...a, ...b, 0x71],
  shiftLeft: (a: Code, by: number): Code => [...a, ...int(by), 0x74],
  smaller: (a: Code, b: Code): Code => [...a, ...b, ...a, ...b, 0x48, 0x1b],
}

/** From `address` + `offset`, in bytes. */
export const load = (address: Code, offset = 0): Code => [...address, ...simd(0x00), 2, ...unsigned(offset)]
export const store = (address: Code, value: Code, offset = 0): Code => [
  ...address,
  ...value,
  ...simd(0x0b),
  ...[2, ...unsigned(offset)],
]

/** Four times the float32 next to `value`. */
export const floats = (value: number): Code => vectorOf(new Uint8Array(Float32Array.of(value).buffer))
/** Four times the low 32 bits of `value`. */
export const words = (value: number): Code => vectorOf(new Uint8Array(Int32Array.of(value | 0).buffer))

/** Bits of `a` where those of `mask` are 1, of `b` elsewhere. */
export const select = (a: Code, b: Code, mask: Code): Code => operation(0x52, a, b, mask)

/** Lanes as 32 bits. */
export const bits = {
  and: (a: Code, b: Code): Code => operation(0x4e, a, b),
  or: (a: Code, b: Code): Code => operation(0x50, a, b),
  xor: (a: Code, b: Code): Code => operation(0x51, a, b),
  equal: (a: Code, b: Code): Code => operation(0x37, a, b),
  add: (a: Code, b: Code): Code => operation(0xae, a, b),
  negative: (a: Code): Code => operation(0xa1, a),
  shiftLeft: (a: Code, by: number): Code => operation(0xab, a, int(by)),
  shiftRight: (a: Code, by: number): Code => operation(0xad, a, int(by)),
  /** Of floats, toward zero. */
  truncated: (a: Code): Code => operation(0xf8, a),
}

/** Lanes as float32. */
export const f32 = {
  below: (a: Code, b: Code): Code => operation(0x43, a, b),
  root: (a: Code): Code => operation(0xe3, a),
  add: (a: Code, b: Code): Code => operation(0xe4, a, b),
  sub: (a: Code, b: Code): Code => operation(0xe5, a, b),
  mul: (a: Code, b: Code): Code => operation(0xe6, a, b),
  div: (a: Code, b: Code): Code => operation(0xe7, a, b),
  /** a b + c; rounded once where the processor can, which has to be tried. */
  fused: (a: Code, b: Code, c: Code): Code => operation(0x105, a, b, c),
  /** Of signed whole numbers. */
  ofIntegers: (a: Code): Code => operation(0xfa, a),
}

function operation(code: number, ...operands: readonly Code[]): Code {
  return [...operands.flat(), ...simd(code)]
}

function simd(code: number): Code {
  return [SIMD, ...unsigned(code)]
}

function vectorOf(lane: Uint8Array): Code {
  return [...simd(0x0c), ...lane, ...lane, ...lane, ...lane]
}

/** LEB128: seven bits a byte, lowest first. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]
}

function signed(value: number): number[] {
  const isLast = value >= -0x40 && value < 0x40
  return isLast ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)]
}
