/** A seed from the part of the range in which every seed makes its own picture. */
import { DRAWN_SEED_MAX } from '#contract/generation'

export function drawSeed(): number {
  const [word = 0] = crypto.getRandomValues(new Uint32Array(1))
  return Math.min(word, DRAWN_SEED_MAX)
}
