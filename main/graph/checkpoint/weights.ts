/** Weights of a network by the names that diffusers and transformers give them, wherever they lie; and which of them were used. */
import { AppError } from '#contract/errors'
import type { OnnxType } from '../onnx-types.ts'

export interface StoredTensor {
  /** In its file; as `Weights` gives it, diffusers' name. */
  name: string
  /** Absolute. */
  file: string
  dtype: OnnxType
  dims: readonly number[]
  start: number
  end: number
  /** A matrix [in, out] where [out, in] is usual. */
  isTransposed?: boolean
  /** What is added to it; see lora/. */
  changes?: readonly LowRank[]
}

/**
 * A change of a weight as a product of two small matrices (Hu et al. 2021, arXiv 2106.09685): scale * up down. Of a
 * convolution [out, in, height, width] `up` is [out, rank, 1, 1] and `down` [rank, in, height, width].
 */
export interface LowRank {
  up: StoredTensor
  down: StoredTensor
  /** A kernel [rank, rank, height, width] between the two, where `down` has one pixel. */
  mid: StoredTensor | null
  scale: number
}

export type TensorMap = ReadonlyMap<string, StoredTensor>

const FLOATS = new Set<OnnxType>(['float32', 'float16', 'bfloat16'])

export class Weights {
  private readonly all: TensorMap
  private readonly prefix: string
  private readonly used: Set<string>
  /** For messages. */
  private readonly what: string

  constructor(all: TensorMap, what: string, prefix = '', used = new Set<string>()) {
    this.all = all
    this.what = what
    this.prefix = prefix
    this.used = used
  }

  at(prefix: string | number): Weights {
    return new Weights(this.all, this.what, `${this.prefix}${prefix}.`, this.used)
  }

  has(name: string): boolean {
    return this.all.has(this.prefix + name)
  }

  /** Whether there is anything below this name. */
  hasAny(): boolean {
    return [...this.all.keys()].some(name => name.startsWith(this.prefix))
  }

  /** How many numbered blocks of this name there are: "resnets" -> 2 for resnets.0 and resnets.1. */
  count(name: string): number {
    let count = 0
    while (this.at(`${name}.${count}`).hasAny()) count++
    return count
  }

  find(name: string): StoredTensor | null {
    const key = this.prefix + name
    const tensor = this.all.get(key)
    if (tensor === undefined) return null
    this.used.add(key)
    if (FLOATS.has(tensor.dtype)) return { ...tensor, name: key }
    throw this.misfit(key, `a tensor of float32, float16 or bfloat16`, tensor.dtype)
  }

  /** Throws `model-incompatible` naming the tensor where there is none. */
  get(name: string): StoredTensor {
    const tensor = this.find(name)
    if (tensor !== null) return tensor
    throw this.misfit(this.prefix + name, 'a tensor', 'none')
  }

  /** Throws where a tensor was not understood: the network would compute something else without it. */
  expectAllUsed(): void {
    const unused = [...this.all.keys()].find(name => !this.used.has(name))
    if (unused !== undefined) throw this.misfit(unused, 'no such tensor in this kind of network', 'a tensor')
  }

  private misfit(tensor: string, expected: string, actual: string): AppError {
    const message = `${this.what} is built in a way that Easel does not know: ${tensor}: expected ${expected}, found ${actual}.`
    return new AppError('model-incompatible', message, { details: { file: this.what, tensor, expected, actual } })
  }
}
