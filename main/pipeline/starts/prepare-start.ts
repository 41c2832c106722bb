/** Every way to begin a run, by the kind of task. */
import type { Components } from '../components.ts'
import type { ImageRequest } from '../pipeline.ts'
import type { Notify } from '../relief.ts'
import type { Scheduler } from '../schedulers/scheduler.ts'
import type { FloatTensor } from '../tensor.ts'
import { startFromEncoded, startFromImage, startFromLatents } from './from-image.ts'
import { startFromNoise } from './from-noise.ts'
import { startUnderMask } from './under-mask.ts'
import { startInstructed } from './instruct.ts'
import type { Start, StartContext } from './start.ts'
import { startUpscaling } from './upscale.ts'

/** Pictures are [1, 3, height, width] in -1..1 of the render size; masks [1, 1, height, width], 1 where it is repainted, between them shares or strengths. Strength 1 keeps nothing. */
export type StartingPoint =
  | { kind: 'noise' }
  | { kind: 'image'; pixels: FloatTensor; strength: number; imageGuidance?: number }
  | { kind: 'inpaint'; pixels: FloatTensor; mask: FloatTensor; strength: number; maskAsStrength: boolean }
  | { kind: 'instruct'; pixels: FloatTensor; imageGuidance: number }
  | { kind: 'upscale'; pixels: FloatTensor; noiseLevel: number; lowResScheduler: Scheduler }
  /** Scaled latents of a picture, of the render size: as `image` without encoding. */
  | { kind: 'encoded'; latents: FloatTensor; strength: number }
  | { kind: 'latents'; latents: FloatTensor; fraction: number }

export async function prepareStart(
  components: Components,
  request: ImageRequest,
  dims: readonly number[],
  notify: Notify,
): Promise<Start> {
  const { denoiser, rounding, trainSteps } = components
  const { from, scheduler, settings, noise: source, drawInitial } = request
  const inputChannels = denoiser.sample.shape[1]
  const context: StartContext = {
    autoencoder: {
      toScaled: unscaled => components.autoencoder.toScaled(unscaled),
      encode: image => components.autoencoder.encode(image, notify),
    },
    scheduler,
    steps: settings.steps,
    dims,
    inputChannels: typeof inputChannels === 'number' ? inputChannels : components.inputChannels,
    source,
    drawInitial: shape => (drawInitial ? drawInitial(source, shape) : source.normal(shape)),
    isScheduleCompressed: compressesSchedule(components, from),
  }
  switch (from.kind) {
    case 'noise':
      return startFromNoise(context)
    case 'image':
      return startFromImage(context, { ...from, rounding })
    case 'encoded':
      return startFromEncoded(context, { ...from, rounding })
    case 'inpaint':
      return startUnderMask(context, { ...from, rounding })
    case 'instruct':
      return startInstructed(context, from.pixels)
    case 'upscale':
      return startUpscaling(context, from)
    case 'latents':
      return startFromLatents(context, from.latents, from.fraction, trainSteps)
  }
}

/** LCM's own pipelines put the whole schedule below the strength; under a mask there is none, and the first part is left out. */
export function compressesSchedule(
  { guidance }: Pick<Components, 'guidance'>,
  from: StartingPoint,
): from is Extract<StartingPoint, { kind: 'image' | 'encoded' }> {
  return guidance.kind === 'features' && (from.kind === 'image' || from.kind === 'encoded')
}
