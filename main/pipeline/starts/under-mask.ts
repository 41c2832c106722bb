/** Repainting a part of a picture, as a start: which call is the first, and what inpaint.ts prepares for it. */
import type { StrengthRounding } from '#contract/strength'
import { prepareInpaint } from '../inpaint.ts'
import type { FloatTensor } from '../tensor.ts'
import { beginAt } from './from-image.ts'
import type { Start, StartContext } from './start.ts'

export interface MaskedStart {
  pixels: FloatTensor
  mask: FloatTensor
  strength: number
  maskAsStrength: boolean
  rounding: StrengthRounding
}

export async function startUnderMask(
  context: StartContext,
  { pixels, mask, strength, maskAsStrength, rounding }: MaskedStart,
): Promise<Start> {
  const { autoencoder, scheduler, dims, source, drawInitial, inputChannels } = context
  const begin = beginAt(context, strength, rounding)
  const draw = (): FloatTensor => ({ dims, data: drawInitial(dims) })
  const networkChannels = inputChannels ?? dims[1]
  const { noise, latents, extraChannels, afterStep } = await prepareInpaint({
    autoencoder,
    scheduler,
    networkChannels,
    dims,
    pixels,
    mask,
    strength,
    maskAsStrength,
    begin,
    source,
    draw,
  })
  return { begin, noise, latents, extraChannelsOf: extraChannels && (() => extraChannels), conditions: {}, afterStep }
}
