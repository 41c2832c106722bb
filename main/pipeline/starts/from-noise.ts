/** Text to image: x_T = n * initNoiseSigma. */
import { noiseLatents } from '../latents.ts'
import type { Start, StartContext } from './start.ts'

export function startFromNoise({ dims, scheduler, drawInitial }: StartContext): Start {
  // Spaced sigmas can give the first two calls one timestep, and a search by timestep would begin at the second.
  scheduler.setBeginIndex(0)
  const noise = { dims, data: drawInitial(dims) }
  return {
    begin: 0,
    noise,
    latents: noiseLatents(noise.data, dims, scheduler),
    extraChannelsOf: null,
    conditions: {},
    afterStep: null,
  }
}
