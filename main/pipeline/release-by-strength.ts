/**
 * Masks whose grey values are strengths (Levin and Fried 2023, "Differential Diffusion", arXiv 2306.00950, algorithm 1):
 * a place of strength g is held to the picture before call i of n while  1 - g > i / n,  and is free from then on. So one
 * of strength g changes as much as image to image with that strength would change it. Beyond the paper, what has
 * strength 0 is held after the last call too.
 */
import { noisedForCall } from './latents.ts'
import { blendMasked } from './masks.ts'
import type { Scheduler } from './schedulers/scheduler.ts'
import type { FloatTensor } from './tensor.ts'

export interface ReleaseInput {
  /** Scaled latents, [batch, channels, height, width]. */
  picture: FloatTensor
  noise: FloatTensor
  /** [1, 1, height, width], 0..1. */
  mask: FloatTensor
  scheduler: Scheduler
  /** First model call. */
  begin: number
}

/** What is done to the latents after call `index`; `begin` - 1 prepares the first one. */
export function releaseByStrength({ picture, noise, mask, scheduler, begin }: ReleaseInput) {
  const calls = scheduler.timesteps.length - begin
  return (latents: Float32Array, index: number): Float32Array => {
    const next = index + 1 - begin
    const elapsed = Math.fround(next / calls)
    const isFree = (strength: number): boolean => (next >= calls ? strength > 0 : Math.fround(1 - strength) <= elapsed)
    const free = mask.data.map(strength => (isFree(strength) ? 1 : 0))
    return blendMasked(noisedForCall(picture, noise, scheduler, index + 1), latents, free)
  }
}
