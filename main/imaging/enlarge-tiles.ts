/**
 * A picture through a network that makes pictures larger, piece by piece: each tile is shown with a margin of its surroundings, and
 * only what lies inside the margin is kept, so that no tile's edge is seen. Memory is that of one tile and of the result.
 */
import { cropImage } from './paste-back.ts'
import { emptyImage, pasteImage, type PixelImage } from './pixel-image.ts'

export interface TileGrid {
  /** Side of what is kept of a tile, and of the margin around it, in pixels of the small picture. */
  side: number
  margin: number
}

/** Tiles that a picture is cut into. */
export function tileCount({ width, height }: { width: number; height: number }, { side }: TileGrid): number {
  return Math.ceil(width / side) * Math.ceil(height / side)
}

/** `enlarge` gives a tile `factor` times as wide and as high, with as many channels. */
export async function enlargeInTiles(
  picture: PixelImage,
  { side, margin }: TileGrid,
  factor: number,
  enlarge: (tile: PixelImage) => Promise<PixelImage>,
): Promise<PixelImage> {
  const { width, height } = picture
  const result = emptyImage(width * factor, height * factor, picture.channels)
  for (let top = 0; top < height; top += side) {
    for (let left = 0; left < width; left += side) {
      const [right, bottom] = [Math.min(width, left + side), Math.min(height, top + side)]
      const seen = {
        left: Math.max(0, left - margin),
        top: Math.max(0, top - margin),
        right: Math.min(width, right + margin),
        bottom: Math.min(height, bottom + margin),
      }
      const large = await enlarge(cropImage(picture, seen))
      const kept = {
        left: (left - seen.left) * factor,
        top: (top - seen.top) * factor,
        right: (right - seen.left) * factor,
        bottom: (bottom - seen.top) * factor,
      }
      pasteImage(result, cropImage(large, kept), left * factor, top * factor)
    }
  }
  return result
}

/** The picture with its last column and row repeated up to this size. */
export function padTo(picture: PixelImage, width: number, height: number): PixelImage {
  if (width === picture.width && height === picture.height) return picture
  const { channels } = picture
  const padded = emptyImage(width, height, channels)
  for (let y = 0; y < height; y++) {
    const from = Math.min(y, picture.height - 1) * picture.width
    for (let x = 0; x < width; x++) {
      const start = (from + Math.min(x, picture.width - 1)) * channels
      padded.data.set(picture.data.subarray(start, start + channels), (y * width + x) * channels)
    }
  }
  return padded
}
