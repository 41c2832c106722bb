/**
 * The Mersenne Twister with 32-bit output, as torch seeds and reads it. Words only: what becomes of them is decided by
 * torch-cpu.ts. Matsumoto and Nishimura 1998, doi 10.1145/272991.272995 (2002 initialisation).
 */
import { readWholeNumber, readWholeNumbers } from './state-fields.ts'

const LENGTH = 624
const SHIFT = 397
const WORD_MAX = 2 ** 32 - 1

export class Mt19937 {
  #words = new Uint32Array(LENGTH)
  /** Words of the present block that were handed out; LENGTH: the next call makes a new block. */
  #used = LENGTH

  /** Only the low 32 bits of a seed count, so seed and seed + 2 ** 32 give the same words; negative ones wrap. */
  constructor(seed: number) {
    const words = this.#words
    words[0] = seed % 2 ** 32 // the assignment itself wraps a negative remainder
    for (let i = 1; i < LENGTH; i++) {
      const previous = words[i - 1] ^ (words[i - 1] >>> 30)
      words[i] = Math.imul(1812433253, previous) + i
    }
  }

  /** The next 32-bit word, 0 to 2 ** 32 - 1. */
  next(): number {
    if (this.#used === LENGTH) this.#twist()
    return temper(this.#words[this.#used++]) >>> 0
  }

  /** From `start` on: the low 24 bits of one word each, as a fraction of 2 ** 24. */
  fillUnits(values: Float32Array, start: number): void {
    for (let i = start; i < values.length;) {
      if (this.#used === LENGTH) this.#twist()
      const words = this.#words
      const count = Math.min(LENGTH - this.#used, values.length - i)
      for (let w = this.#used; w < this.#used + count; w++) values[i++] = (temper(words[w]) & 0xffffff) / 2 ** 24
      this.#used += count
    }
  }

  /** For who works on the words themselves: gets them and how many are used, changes them, returns how many are used then. */
  lend(work: (words: Uint32Array, used: number) => number): void {
    this.#used = work(this.#words, this.#used)
  }

  #twist(): void {
    const words = this.#words
    const mixed = (k: number, next: number, far: number) => {
      const y = (words[k] & 0x80000000) | (words[next] & 0x7fffffff)
      return words[far] ^ (y >>> 1) ^ (-(y & 1) & 0x9908b0df)
    }
    for (let k = 0; k < LENGTH - SHIFT; k++) words[k] = mixed(k, k + 1, k + SHIFT)
    for (let k = LENGTH - SHIFT; k < LENGTH - 1; k++) words[k] = mixed(k, k + 1, k + SHIFT - LENGTH)
    words[LENGTH - 1] = mixed(LENGTH - 1, 0, SHIFT - 1)
    this.#used = 0
  }

  saveState(): { words: number[]; used: number } {
    return { words: [...this.#words], used: this.#used }
  }

  restoreState(state: Readonly<Record<string, unknown>>): void {
    const words = readWholeNumbers(state, 'words', { length: LENGTH, max: WORD_MAX })
    const used = readWholeNumber(state, 'used', { min: 0, max: LENGTH })
    this.#words = Uint32Array.from(words)
    this.#used = used
  }
}

function temper(word: number): number {
  let y = word ^ (word >>> 11)
  y ^= (y << 7) & 0x9d2c5680
  y ^= (y << 15) & 0xefc60000
  return y ^ (y >>> 18)
}
