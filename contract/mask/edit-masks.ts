/**
 * The two masks of inpainting, from the one that was painted: where it is denoised and where it is pasted back. The page
 * shows what the engine does, so both ask here.
 */
import type { Edit } from '../edit.ts'
import { fadeInMask } from './fade-in.ts'
import { featherMask } from './feather.ts'
import type { GreyMask } from './grey-mask.ts'
import { growMask, shrinkMask } from './grow.ts'

export interface EditMasks {
  denoise: GreyMask
  /** How much of the new picture a pixel takes: 0 leaves it as it is. */
  paste: GreyMask
}

export type MaskOptions = Pick<Edit, 'grow' | 'feather' | 'pasteErode' | 'pasteBlur' | 'keepUnmasked'>

/** With the promise on, the paste never leaves what was painted. */
export function toEditMasks(painted: GreyMask, options: MaskOptions): EditMasks {
  const { grow, feather, pasteErode, pasteBlur, keepUnmasked } = options
  const grown = growMask(painted, grow)
  const paste = keepUnmasked
    ? fadeInMask(shrinkMask(painted, pasteErode), pasteBlur)
    : featherMask(shrinkMask(grown, pasteErode), pasteBlur)
  return { denoise: featherMask(grown, feather), paste }
}
