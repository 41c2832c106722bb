/**
 * The random numbers of `torch.Generator('cuda')`: what A1111 ("GPU" and "NV" noise) and ComfyUI on a GPU start from.
 * Philox is counter-based: value i of draw d is a pure function of (seed, d, i), so the state is one count.
 * Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", doi 10.1145/2063384.2063405.
 *
 * torch's kernel gives each GPU thread its own stream, and as long as the GPU has a thread for every value (all latents
 * of Stable Diffusion; the limit is 196,608 values on an RTX 4090) a value uses the first two words of its thread's block:
 *   u = (x + 1/2) / 2^32,  v = (y + 1/2) 2 pi / 2^32,  n = sqrt(-2 ln u) sin v
 * Evaluated in float64 and rounded once, as A1111's re-implementation does; a GPU's fast sine differs from it by up to 1e-6.
 */
import { elementCount } from '../tensor.ts'
import type { NormalSource } from './normal-source.ts'
import { checkKind, checkSame, readWholeNumber } from './state-fields.ts'

const ROUNDS = 10
const MULTIPLIER_0 = 0xd2511f53
const MULTIPLIER_1 = 0xcd9e8d57
const KEY_STEP_0 = 0x9e3779b9
const KEY_STEP_1 = 0xbb67ae85
const TO_UNIT = 2 ** -32
/** Rounded to float32, as it is in cuRAND. */
const TO_ANGLE = Math.fround(2.3283064e-10 * 6.2831855)

export class PhiloxGenerator implements NormalSource {
  readonly #key: readonly [number, number]
  /** Draws made so far; each of them takes the next block of every thread. */
  #draws = 0

  /** All 53 bits of a seed count (torch-cpu looks at 32); a negative one is taken modulo 2 ** 64, as in torch. */
  constructor(seed: number) {
    this.#key = [seed | 0, Math.floor(seed / 2 ** 32) | 0]
  }

  /** `torch.randn(dims, generator=..., device='cuda')` in float32. */
  normal(dims: readonly number[]): Float32Array {
    const values = new Float32Array(elementCount(dims))
    const block = new Int32Array(4)
    for (let thread = 0; thread < values.length; thread++) {
      block[0] = this.#draws
      block[1] = 0
      block[2] = thread
      block[3] = 0
      philox4x32(block, this.#key[0], this.#key[1])
      const u = (block[0] >>> 0) * TO_UNIT + TO_UNIT / 2
      const v = (block[1] >>> 0) * TO_ANGLE + TO_ANGLE / 2
      values[thread] = Math.sqrt(-2 * Math.log(u)) * Math.sin(v)
    }
    this.#draws += 1
    return values
  }

  saveState(): Readonly<Record<string, unknown>> {
    return { kind: 'torch-cuda', key: [...this.#key], draws: this.#draws }
  }

  /** The state must come from a generator with the same seed. */
  restoreState(state: Readonly<Record<string, unknown>>): void {
    checkKind(state, 'torch-cuda')
    checkSame(state, 'key', this.#key)
    this.#draws = readWholeNumber(state, 'draws', { min: 0, max: 2 ** 31 - 1 })
  }
}

/** Ten rounds on a counter of four 32-bit words, in place. */
export function philox4x32(counter: Int32Array, key0: number, key1: number): void {
  // Read one by one: taking a typed array apart goes through its iterator, a third of a draw's time.
  let c0 = counter[0]
  let c1 = counter[1]
  let c2 = counter[2]
  let c3 = counter[3]
  let k0 = key0
  let k1 = key1
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0)
    const high1 = multiplyHigh(MULTIPLIER_1, c2)
    const low0 = Math.imul(MULTIPLIER_0, c0)
    const low1 = Math.imul(MULTIPLIER_1, c2)
    c0 = high1 ^ c1 ^ k0
    c2 = high0 ^ c3 ^ k1
    c1 = low1
    c3 = low0
    k0 = (k0 + KEY_STEP_0) | 0
    k1 = (k1 + KEY_STEP_1) | 0
  }
  counter[0] = c0
  counter[1] = c1
  counter[2] = c2
  counter[3] = c3
}

/** Upper 32 bits of the 64-bit product of two unsigned words, from products of halves that a double holds exactly. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  // Below 2 ** 32, so >>> reads them whole; of the product of the upper halves only 32 bits are wanted.
  const middle = aHigh * bLow
  const other = aLow * bHigh
  const carry = ((aLow * bLow) >>> 16) + (middle & 0xffff) + (other & 0xffff)
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (other >>> 16) + (carry >>> 16)) | 0
}
