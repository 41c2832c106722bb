/** What a canvas is, as plain data: a picture and the mask over it. How it is looked at belongs to the view. */
import { emptyMask, type GreyMask } from '#contract/mask/grey-mask'

export interface CanvasDocument {
  /** Names the picture under the mask; what it stands for is the page's business. */
  base: string
  /** Of the picture's size. Its bytes are changed in place, inside gestures only (history.ts). */
  readonly mask: GreyMask
}

export function createDocument(base: string, size: { width: number; height: number }): CanvasDocument {
  return { base, mask: emptyMask(size.width, size.height) }
}
