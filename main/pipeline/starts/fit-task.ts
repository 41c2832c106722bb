/**
 * Brings a task and a network together that was made for another one: an inpainting network makes a whole picture when all
 * of it is masked, an editing network takes a picture as what it edits. What cannot be brought together is refused.
 */
import { EDIT_DEFAULTS } from '#contract/edit'
import { invalidInput } from '#contract/parse'
import type { Size } from '../latents.ts'
import type { StartingPoint } from './prepare-start.ts'

export interface TaskNetwork {
  /** Channels that the network takes; null when unknown. */
  inputChannels: number | null
  latentChannels: number
}

/** `size` is the render size. Throws `invalid-input` for `edit`. */
export function fitTask(
  from: StartingPoint,
  { inputChannels, latentChannels }: TaskNetwork,
  size: Size,
): StartingPoint {
  const extra = inputChannels === null ? 0 : inputChannels - latentChannels
  if (extra === latentChannels + 1) return toInpainting(from, size)
  if (extra === latentChannels) return toInstruction(from)
  if (isUpscaler({ inputChannels, latentChannels }) && from.kind !== 'upscale')
    throw refused('a picture to enlarge: this model makes pictures larger and nothing else')
  return from
}

/** Whether the network is shown a small picture, one pixel a latent, that it makes larger. */
export function isUpscaler({ inputChannels, latentChannels }: TaskNetwork): boolean {
  return inputChannels !== null && inputChannels - latentChannels === 3
}

function toInpainting(from: StartingPoint, { height, width }: Size): StartingPoint {
  const everything = { dims: [1, 1, height, width], data: new Float32Array(height * width).fill(1) }
  if (from.kind === 'noise') {
    const grey = { dims: [1, 3, height, width], data: new Float32Array(3 * height * width) }
    return { kind: 'inpaint', pixels: grey, mask: everything, strength: 1, maskAsStrength: false }
  }
  return from.kind === 'image' ? { ...from, kind: 'inpaint', mask: everything, maskAsStrength: false } : from
}

function toInstruction(from: StartingPoint): StartingPoint {
  if (from.kind === 'image')
    return { kind: 'instruct', pixels: from.pixels, imageGuidance: from.imageGuidance ?? EDIT_DEFAULTS.imageGuidance }
  if (from.kind === 'instruct') return from
  throw refused('a picture without a mask: this model changes a picture as the prompt says')
}

function refused(allowed: string): Error {
  return invalidInput([{ path: 'edit', value: 'not what this model works on', allowed }])
}
