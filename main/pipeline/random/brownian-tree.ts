/**
 * A Brownian path over noise levels that can be asked for any increment: what the SDE samplers take their noise from, so
 * that one seed drives one path whatever the number of steps. Equals torchsde's `BrownianTree` (tolerance 1e-6), which
 * diffusers' BrownianTreeNoiseSampler and k-diffusion use.
 *
 * An interval [a, b] with increment W is halved at m by a Brownian bridge (Levy's construction):
 *   W(a, m) = (m - a) / (b - a) W + sqrt((m - a)(b - m) / (b - a)) Z,   W(m, b) = W - W(a, m)
 * Z is drawn with a seed that belongs to the node, so an increment is a pure function of (seed, range, a, b): there is no
 * state to save, and no order in which the questions must come. Kidger et al. 2021, arXiv 2105.13493, section 4.
 */
import { invalidInput, showValue } from '#contract/parse'
import { seedWords } from './seed-sequence.ts'
import { TorchCpuGenerator } from './torch-cpu.ts'

const { fround, sqrt } = Math
const POOL_SIZE = 24
const DECIMALS = 6

interface Node {
  start: number
  end: number
  /** Binary digits of the turns from the root, and their number. */
  key: number
  depth: number
}

/** Over a node's interval. One of our own may be changed: nobody else will ask for it. */
interface Increment {
  values: Float32Array
  isOurs: boolean
}

export class BrownianTree {
  readonly #seed: number
  readonly #root: Node
  readonly #length: number
  readonly #total: Float32Array
  /** Left increments of the nodes that the last question split: its neighbour shares those above its border. */
  #recent = new Map<string, Float32Array>()
  #older = new Map<string, Float32Array>()
  /** Arrays of nodes that no question shares any more, for the next one: new ones cost a quarter of a draw each. */
  #spare: Float32Array[] = []

  /** A path from `low` to `high` of `length` independent components. */
  constructor({ seed, low, high, length }: { seed: number; low: number; high: number; length: number }) {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw invalidInput([{ path: 'seed', value: showValue(seed), allowed: 'a whole number from 0 to 2 ** 53 - 1' }])
    }
    this.#seed = seed
    this.#length = length
    this.#root = { start: toTolerance(low), end: toTolerance(high), key: 0, depth: 0 }
    const [firstSeed] = seedWords({ entropy: seed, spawnKey: [], poolSize: POOL_SIZE }, 1)
    const scale = fround(sqrt(high - low))
    this.#total = this.#normal(firstSeed, new Float32Array(length))
    for (let i = 0; i < length; i++) this.#total[i] *= scale
  }

  /** W(b) - W(a) for a <= b; outside of the path's range it stands still. */
  increment(a: number, b: number): Float32Array {
    const { start, end } = this.#root
    const from = toTolerance(Math.min(Math.max(a, start), end))
    const to = toTolerance(Math.min(Math.max(b, start), end))
    const sum = new Float32Array(this.#length)
    this.#older = this.#recent
    this.#recent = new Map()
    if (from < to) this.#addIncrement(this.#root, { values: this.#total, isOurs: false }, from, to, sum)
    for (const [name, left] of this.#older) if (!this.#recent.has(name)) this.#spare.push(left)
    this.#older.clear()
    return sum
  }

  /** The increment from one noise level to another one, scaled to variance 1: what a sampler adds. */
  noise(sigma: number, sigmaNext: number): Float32Array {
    const rising = sigma < sigmaNext
    const values = rising ? this.increment(sigma, sigmaNext) : this.increment(sigmaNext, sigma)
    const scale = fround(sqrt(fround(Math.abs(fround(sigmaNext - sigma)))))
    for (let i = 0; i < values.length; i++) values[i] = (rising ? values[i] : -values[i]) / scale
    return values
  }

  /** Adds the increment over [from, to], which lies in the node's interval, to `sum`. */
  #addIncrement(node: Node, total: Increment, from: number, to: number, sum: Float32Array): void {
    const { values } = total
    if (from === node.start && to === node.end) {
      for (let i = 0; i < sum.length; i++) sum[i] += values[i]
      return
    }
    const middle = toTolerance(0.5 * (node.end + node.start))
    const left = this.#leftIncrement(node, middle, values)
    if (from < middle) {
      const child = { start: node.start, end: middle, key: 2 * node.key, depth: node.depth + 1 }
      this.#addIncrement(child, { values: left, isOurs: false }, from, Math.min(to, middle), sum)
    }
    if (to > middle && from <= middle && to === node.end) {
      for (let i = 0; i < sum.length; i++) sum[i] += fround(values[i] - left[i])
    } else if (to > middle) {
      const right = total.isOurs ? values : this.#take()
      for (let i = 0; i < right.length; i++) right[i] = values[i] - left[i]
      const child = { start: middle, end: node.end, key: 2 * node.key + 1, depth: node.depth + 1 }
      this.#addIncrement(child, { values: right, isOurs: true }, Math.max(from, middle), to, sum)
      if (!total.isOurs) this.#spare.push(right)
    }
  }

  #take(): Float32Array {
    return this.#spare.pop() ?? new Float32Array(this.#length)
  }

  #leftIncrement(node: Node, middle: number, total: Float32Array): Float32Array {
    const name = `${node.depth}:${node.key}`
    const left = this.#older.get(name) ?? this.#recent.get(name) ?? this.#halve(node, middle, total)
    this.#recent.set(name, left)
    return left
  }

  #halve(node: Node, middle: number, total: Float32Array): Float32Array {
    const place = { entropy: this.#seed, spawnKey: [node.key, node.depth], poolSize: POOL_SIZE }
    const left = this.#normal(seedWords(place, 1)[0], this.#take())
    const reciprocal = 1 / (node.end - node.start)
    const before = middle - node.start
    const spread = fround(sqrt(before * (node.end - middle) * reciprocal))
    const [share, scale] = [fround(before), fround(reciprocal)]
    for (let i = 0; i < left.length; i++) {
      const mean = fround(fround(share * total[i]) * scale)
      left[i] = mean + fround(spread * left[i])
    }
    return left
  }

  #normal(seed: number, values: Float32Array): Float32Array {
    return new TorchCpuGenerator(seed).fillNormal(values)
  }
}

/** Rounds to 6 decimals as Python's `round` does: of two that are equally near, the even one. */
function toTolerance(x: number): number {
  const eighths = x * 128 // 6 decimals end in a half only at odd multiples of 1/128
  if (Number.isInteger(eighths) && Math.abs(eighths % 2) === 1) {
    const below = Math.floor(eighths * 7812.5)
    return (below % 2 === 0 ? below : below + 1) / 10 ** DECIMALS
  }
  return Number(x.toFixed(DECIMALS))
}
