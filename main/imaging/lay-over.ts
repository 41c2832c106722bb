/**
 * One picture laid over another (Porter & Duff 1984, "over"), with colours that are not multiplied by their opacity:
 *   a = a_over + a_under (1 - a_over),   c = (a_over c_over + a_under (1 - a_over) c_under) / a
 * A pixel over which nothing lies keeps its bytes.
 */
import type { PixelImage } from './pixel-image.ts'

/** Both of one size, with 3 or 4 channels; the result has those of `under`. */
export function layOver(under: PixelImage, over: PixelImage): PixelImage {
  const data = under.data.slice()
  for (let pixel = 0; pixel < under.width * under.height; pixel++) {
    const [to, from] = [pixel * under.channels, pixel * over.channels]
    const upper = over.channels === 4 ? over.data[from + 3] / 255 : 1
    if (upper === 0) continue
    const lower = (under.channels === 4 ? data[to + 3] / 255 : 1) * (1 - upper)
    for (let c = 0; c < 3; c++) {
      data[to + c] = Math.round((upper * over.data[from + c] + lower * data[to + c]) / (upper + lower))
    }
    if (under.channels === 4) data[to + 3] = Math.round((upper + lower) * 255)
  }
  return { ...under, data }
}
