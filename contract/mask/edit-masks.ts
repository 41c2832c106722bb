/**
 * The two masks of inpainting, from the one that was painted: where it is denoised and where it is pasted back. The page
 * shows what the engine does, so both ask here.
 */
import type { Edit } from '../edit.ts'
import { fadeInMask } from './fade-in.ts'
import { featherMask } from './feather.ts'
import { anywhereIn, type GreyMask } from './grey-mask.ts'
import { growGreyMask, growMask, shrinkMask } from './grow.ts'

export interface EditMasks {
  denoise: GreyMask
  /** How much of the new picture a pixel takes: 0 leaves it as it is. */
  paste: GreyMask
}

export type MaskOptions = Pick<
  Edit,
  'grow' | 'feather' | 'pasteErode' | 'pasteBlur' | 'keepUnmasked' | 'maskAsStrength'
>

/**
 * With the promise on, the paste never leaves what was painted. Where grey means strength, what was painted is pasted
 * whole, since a weak change is in the new picture already.
 */
export function toEditMasks(painted: GreyMask, options: MaskOptions): EditMasks {
  const { grow, feather, pasteErode, pasteBlur, keepUnmasked, maskAsStrength } = options
  const grown = maskAsStrength ? growGreyMask(painted, grow) : growMask(painted, grow)
  const pasted = keepUnmasked ? painted : grown
  const eroded = shrinkMask(maskAsStrength ? anywhereIn(pasted) : pasted, pasteErode)
  const paste = keepUnmasked ? fadeInMask(eroded, pasteBlur) : featherMask(eroded, pasteBlur)
  return { denoise: featherMask(grown, feather), paste }
}
