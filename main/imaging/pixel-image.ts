/** A picture as bytes: rows from the top, channels interleaved (1 grey, 3 RGB, 4 RGBA). */
export interface PixelImage {
  width: number
  height: number
  channels: number
  data: Uint8Array
}

export function emptyImage(width: number, height: number, channels: number): PixelImage {
  return { width, height, channels, data: new Uint8Array(width * height * channels) }
}

/** Copies `source` onto `target` with its top left corner at (left, top), which may lie outside; changes `target`. */
export function pasteImage(target: PixelImage, source: PixelImage, left: number, top: number): void {
  const { channels } = target
  const fromX = Math.max(0, -left)
  const toX = Math.min(source.width, target.width - left)
  if (fromX >= toX) return
  for (let y = Math.max(0, -top); y < Math.min(source.height, target.height - top); y++) {
    const row = source.data.subarray((y * source.width + fromX) * channels, (y * source.width + toX) * channels)
    target.data.set(row, ((top + y) * target.width + left + fromX) * channels)
  }
}

/** ITU-R 601 luma in 16-bit fixed point, as Pillow's `convert('L')`. */
export function toGrey({ width, height, channels, data }: PixelImage): PixelImage {
  if (channels === 1) return { width, height, channels, data }
  const grey = emptyImage(width, height, 1)
  for (let i = 0, j = 0; i < grey.data.length; i++, j += channels) {
    grey.data[i] = (data[j] * 19595 + data[j + 1] * 38470 + data[j + 2] * 7471 + 0x8000) >> 16
  }
  return grey
}
