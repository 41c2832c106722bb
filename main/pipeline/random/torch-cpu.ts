/**
 * The random numbers of `torch.Generator('cpu')`: what diffusers, InvokeAI and ComfyUI draw latents from. Equal bit for
 * bit to torch on x86 with AVX2 in float32 (float64: within the last bit, where libms differ too).
 * Box and Muller 1958: n1 = sqrt(-2 ln u1) cos(2 pi u2), n2 = sqrt(-2 ln u1) sin(2 pi u2).
 *
 * torch has two ways of doing it, and the number of values asked for decides:
 * - 16 and more: all uniforms first, then blocks of 16 in which value j pairs with j + 8; when the count is no multiple
 *   of 16, the LAST 16 values are drawn again. The start of a large draw is therefore not the start of a small one.
 * - fewer: one value after the other in float64, the sine of each pair kept for the next call.
 */
import { elementCount } from '../tensor.ts'
import { Mt19937 } from './mt19937.ts'
import { createNormalKernel, type NormalKernel } from './normal-kernel.ts'
import type { NormalSource } from './normal-source.ts'
import { checkKind, readNumberOrNull } from './state-fields.ts'
import { logOfUnit, sinCosFloat32, TWO_PI } from './vector-math.ts'

const { fround, sqrt } = Math
const BLOCK = 16
const HALF = 8

export class TorchCpuGenerator implements NormalSource {
  readonly #engine: Mt19937
  /** The second normal of a pair of the slow path; it waits across draws, as in torch. */
  #waiting: number | null = null

  constructor(seed: number) {
    this.#engine = new Mt19937(seed)
  }

  /** `torch.randn(dims, generator=...)` in float32. */
  normal(dims: readonly number[]): Float32Array {
    return this.fillNormal(new Float32Array(elementCount(dims)))
  }

  /** The same into an array that is there; returns it. */
  fillNormal(values: Float32Array): Float32Array {
    if (values.length < BLOCK) return this.#fillOneByOne(values)
    const rest = values.length % BLOCK
    const blocks = values.subarray(0, values.length - rest)
    const fill = blocks.length < KERNEL_FROM ? null : findKernel()
    if (fill !== null) {
      this.#engine.lend((words, used) => fill(blocks, words, used))
    } else {
      this.#fillUniform(blocks, 0)
      for (let start = 0; start < blocks.length; start += BLOCK) toNormalBlock(blocks, start)
    }
    if (rest !== 0) {
      const start = values.length - BLOCK
      this.#fillUniform(values, values.length - rest) // they count, though none of them is kept
      this.#fillUniform(values, start)
      toNormalBlock(values, start)
    }
    return values
  }

  /** `torch.randn(dims, dtype=torch.float64, generator=...)`. */
  normalFloat64(dims: readonly number[]): Float64Array {
    const values = new Float64Array(elementCount(dims))
    if (values.length < BLOCK) return this.#fillOneByOne(values)
    this.#fillUniform64(values, 0)
    for (let start = 0; start + BLOCK <= values.length; start += BLOCK) toNormalBlock64(values, start)
    if (values.length % BLOCK !== 0) {
      const start = values.length - BLOCK
      this.#fillUniform64(values, start)
      toNormalBlock64(values, start)
    }
    return values
  }

  /** `torch.rand(dims, generator=...)` in float32: [0, 1) in steps of 2 ** -24. */
  uniform(dims: readonly number[]): Float32Array {
    const values = new Float32Array(elementCount(dims))
    this.#fillUniform(values, 0)
    return values
  }

  /** `torch.rand(dims, dtype=torch.float64, generator=...)`: [0, 1) in steps of 2 ** -53. */
  uniformFloat64(dims: readonly number[]): Float64Array {
    const values = new Float64Array(elementCount(dims))
    this.#fillUniform64(values, 0)
    return values
  }

  /** The generator's next 32 bits; `torch.randint(0, n)` for n below 2 ** 28 is this modulo n. */
  word(): number {
    return this.#engine.next()
  }

  saveState(): Readonly<Record<string, unknown>> {
    return { kind: 'torch-cpu', ...this.#engine.saveState(), waiting: this.#waiting }
  }

  restoreState(state: Readonly<Record<string, unknown>>): void {
    checkKind(state, 'torch-cpu')
    const waiting = readNumberOrNull(state, 'waiting')
    this.#engine.restoreState(state)
    this.#waiting = waiting
  }

  #fillUniform(values: Float32Array, start: number): void {
    this.#engine.fillUnits(values, start)
  }

  #fillUniform64(values: Float64Array, start: number): void {
    for (let i = start; i < values.length; i++) values[i] = this.#nextUniform64()
  }

  /** 53 bits of two words, the first one the high half. */
  #nextUniform64(): number {
    const high = this.#engine.next() & 0x1fffff
    return (high * 2 ** 32 + this.#engine.next()) / 2 ** 53
  }

  #fillOneByOne<T extends Float32Array | Float64Array>(values: T): T {
    for (let i = 0; i < values.length; i++) values[i] = this.#nextNormal()
    return values
  }

  #nextNormal(): number {
    if (this.#waiting !== null) {
      const value = this.#waiting
      this.#waiting = null
      return value
    }
    const theta = 2 * Math.PI * this.#nextUniform64()
    const radius = sqrt(-2 * Math.log1p(-this.#nextUniform64()))
    this.#waiting = radius * Math.sin(theta)
    return radius * Math.cos(theta)
  }
}

/** For fewer values, half a millisecond, making the kernel (5 ms) would hardly pay. */
const KERNEL_FROM = 2 ** 14
let kernel: NormalKernel | null | undefined

/** Made at the first large draw; null where this machine has none. */
function findKernel(): NormalKernel | null {
  if (kernel === undefined) kernel = createNormalKernel()
  return kernel
}

const sinCos = new Float32Array(2)

function toNormalBlock(values: Float32Array, start: number): void {
  for (let j = start; j < start + HALF; j++) {
    const radius = fround(sqrt(fround(-2 * logOfUnit(1 - values[j])))) // 1 - u: the logarithm of 0 never occurs
    sinCosFloat32(fround(TWO_PI * values[j + HALF]), sinCos)
    values[j] = radius * sinCos[1] + 0 // + 0: torch adds its mean, which turns -0 into 0
    values[j + HALF] = radius * sinCos[0] + 0
  }
}

function toNormalBlock64(values: Float64Array, start: number): void {
  for (let j = start; j < start + HALF; j++) {
    const radius = sqrt(-2 * Math.log(1 - values[j]))
    const theta = 2 * Math.PI * values[j + HALF]
    values[j] = radius * Math.cos(theta)
    values[j + HALF] = radius * Math.sin(theta)
  }
}
