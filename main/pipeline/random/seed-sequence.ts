/**
 * Turns a seed and a place in a tree of generators into well-mixed 32-bit seeds: numpy's `SeedSequence`, which torchsde's
 * Brownian trees take their randomness from. O'Neill 2015, pcg-random.org/posts/developing-a-seed_seq-alternative.html;
 * constants and order as documented for numpy.random.SeedSequence (NEP 19).
 */

const INIT_A = 0x43b0d7e5
const MULT_A = 0x931e8875
const INIT_B = 0x8b51f9dd
const MULT_B = 0x58f38ded
const MIX_LEFT = 0xca01f9dd
const MIX_RIGHT = 0x4973f715

interface Place {
  /** A whole number from 0 to 2 ** 53. */
  entropy: number
  /** Where in the tree; empty for the root. */
  spawnKey: readonly number[]
  poolSize: number
}

/** `SeedSequence(entropy, spawn_key, pool_size).generate_state(count)`. */
export function seedWords({ entropy, spawnKey, poolSize }: Place, count: number): Uint32Array {
  const own = toWords(entropy)
  // Before a spawn key the own words fill the pool, so that no key can be taken for more of them.
  const padding = spawnKey.length > 0 ? Array.from({ length: Math.max(0, poolSize - own.length) }, () => 0) : []
  const pool = mixedPool(Uint32Array.from([...own, ...padding, ...spawnKey.flatMap(toWords)]), poolSize)
  const words = new Uint32Array(count)
  let hash = INIT_B
  for (let i = 0; i < count; i++) {
    const value = pool[i % poolSize] ^ hash
    hash = Math.imul(hash, MULT_B)
    words[i] = foldHigh(Math.imul(value, hash))
  }
  return words
}

function mixedPool(words: Uint32Array, size: number): Uint32Array {
  const pool = new Uint32Array(size)
  let hash = INIT_A
  const hashed = (word: number) => {
    const value = word ^ hash
    hash = Math.imul(hash, MULT_A)
    return foldHigh(Math.imul(value, hash))
  }
  const mixInto = (target: number, word: number) => {
    pool[target] = foldHigh(Math.imul(MIX_LEFT, pool[target]) - Math.imul(MIX_RIGHT, hashed(word)))
  }
  for (let i = 0; i < size; i++) pool[i] = hashed(i < words.length ? words[i] : 0)
  for (let from = 0; from < size; from++) {
    for (let to = 0; to < size; to++) if (from !== to) mixInto(to, pool[from])
  }
  for (let from = size; from < words.length; from++) {
    for (let to = 0; to < size; to++) mixInto(to, words[from])
  }
  return pool
}

function foldHigh(value: number): number {
  return value ^ (value >>> 16)
}

/** Lowest 32 bits first; a second word only where there is something in it. */
function toWords(n: number): number[] {
  return n < 2 ** 32 ? [n] : [n % 2 ** 32, Math.floor(n / 2 ** 32)]
}
