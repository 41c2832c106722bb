/** What is around a network that makes pictures larger: its tiles, a picture's transparency, results far larger than what is asked for. */
import { ENLARGING } from '#contract/memory'
import { enlargeInTiles, padTo, tileCount, type TileGrid } from '#imaging/enlarge-tiles'
import { fitImage } from '#imaging/fit'
import { cropImage } from '#imaging/paste-back'
import type { EncodablePicture } from '#imaging/png-encode'
import type { PixelImage } from '#imaging/pixel-image'
import { resizeImage } from '#imaging/resample'
import type { SourcePicture } from '#imaging/sharp-codec'
import type { SuperResolution } from '#pipeline/super-resolution'

interface EnlargeOptions {
  /** Of the result, in pixels. */
  size: { width: number; height: number }
  /** Side of a tile, in pixels of the small picture. */
  tile: number
  /** Before each tile; may throw. */
  beforeTile: () => void
  /** `done` of `count` tiles. */
  onTile: (done: number, count: number) => void
}

/** The whole picture, its transparency and profile kept, at the size that is asked for. */
export async function enlargePicture(
  network: SuperResolution,
  picture: SourcePicture,
  { size, tile: side, beforeTile, onTile }: EnlargeOptions,
): Promise<EncodablePicture> {
  const factor = await network.factor()
  const shown = bounded(picture, size, factor)
  const grid = gridFor(network, side)
  const count = tileCount(shown, grid)
  let done = 0
  const large = await enlargeInTiles(toRgb(shown), grid, factor, async tile => {
    beforeTile()
    const made = await enlargeTile(network, tile, factor)
    onTile(++done, count)
    return made
  })
  const { channels, profile } = picture
  const whole = channels === 4 ? withAlpha(large, picture) : large
  return { ...fitImage(whole, size, 'crop'), channels, ...(profile && { profile }) }
}

/** A graph of one size sees that much with its margin. */
function gridFor({ fixedSize }: SuperResolution, side: number): TileGrid {
  const { margin } = ENLARGING
  if (fixedSize === null) return { side, margin }
  const seen = Math.min(fixedSize.width, fixedSize.height)
  const own = Math.min(margin, seen >> 2)
  return { side: seen - 2 * own, margin: own }
}

async function enlargeTile(network: SuperResolution, tile: PixelImage, factor: number): Promise<PixelImage> {
  const { multiple, fixedSize } = network
  const up = (side: number): number => Math.ceil(side / multiple) * multiple
  const shown = fixedSize ?? { width: up(tile.width), height: up(tile.height) }
  const made = await network.enlarge(padTo(tile, shown.width, shown.height))
  const box = { left: 0, top: 0, right: tile.width * factor, bottom: tile.height * factor }
  return cropImage({ ...made, channels: 3 }, box)
}

/** The network's result would be far larger than what is asked for: the picture is first made so small that it is twice that. */
function bounded(picture: SourcePicture, asked: { width: number; height: number }, factor: number): PixelImage {
  const excess = Math.min((picture.width * factor) / asked.width, (picture.height * factor) / asked.height) / 2
  if (excess <= 1) return picture
  const [width, height] = [picture.width, picture.height].map(side => Math.ceil(side / excess))
  return resizeImage(picture, { width, height }, 'lanczos')
}

/** Colours under transparency are what they are in the file. */
function toRgb({ width, height, channels, data }: PixelImage): PixelImage {
  if (channels === 3) return { width, height, channels, data }
  const rgb = new Uint8Array(3 * width * height)
  for (let from = 0, to = 0; to < rgb.length; from += channels, to += 3) rgb.set(data.subarray(from, from + 3), to)
  return { width, height, channels: 3, data: rgb }
}

/** Transparency is made larger as any other plane. */
function withAlpha(large: PixelImage, picture: SourcePicture): PixelImage {
  const alpha = { ...picture, channels: 1, data: picture.data.filter((_, i) => i % 4 === 3) }
  const plane = resizeImage(alpha, large, 'lanczos').data
  const data = new Uint8Array(4 * plane.length)
  for (let pixel = 0; pixel < plane.length; pixel++) {
    data.set(large.data.subarray(3 * pixel, 3 * pixel + 3), 4 * pixel)
    data[4 * pixel + 3] = plane[pixel]
  }
  return { width: large.width, height: large.height, channels: 4, data }
}
