/** Choices from a seed: the same seed gives the same folders on every machine. Marsaglia's xorshift of 32 bits. */
export interface Chance {
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number
  pick<T>(from: readonly T[]): T
  bytes(length: number): Uint8Array
}

export function createChance(seed: number): Chance {
  let state = (Math.imul(seed, 2_654_435_761) ^ 0x9e3779b9) | 1
  const below = (limit: number): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return Math.floor(((state >>> 0) / 2 ** 32) * limit)
  }
  return {
    below,
    pick: from => from[below(from.length)],
    bytes: length => Uint8Array.from({ length }, () => below(256)),
  }
}
