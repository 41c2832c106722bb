/**
 * Runs one picture through a graph of the autoencoder, whole or in tiles: in tiles from the start where it is large, in
 * smaller and smaller ones where memory runs out. What was once too large is not tried again.
 */
import { createNotice, type Notice } from '#contract/notices'
import { TILING } from '#contract/memory'
import { rungsOf, withRelief, type Notify } from '../relief.ts'
import type { Session } from '../session.ts'
import type { FloatTensor } from '../tensor.ts'
import { runTiled } from '../tiles.ts'

/** Pixels a latent side, and on which side of the graph the latents are. */
interface TilerOptions {
  factor: number
  from: 'latents' | 'pixels'
  /** From the start, whatever the size. */
  inTiles: boolean
}

/** `row` is [1, c, h, w]; `run` takes the same or a part of it. */
export type Tiler = (
  session: Session,
  row: FloatTensor,
  run: (part: FloatTensor) => Promise<FloatTensor>,
  notify: Notify,
) => Promise<FloatTensor>

/** Half a megapixel, of the usual eight pixels a latent: a size that any machine which runs these models has room for. */
const FIRST_TILE = 64

export function createTiler({ factor, from, inTiles }: TilerOptions): Tiler {
  const [inScale, outScale] = from === 'latents' ? [1, factor] : [factor, 1]
  /** In latents, with the largest tile that worked since. */
  let tooLarge = inTiles ? { area: 0, side: FIRST_TILE } : { area: Infinity, side: Infinity }

  return async (session, row, run, notify) => {
    const [height, width] = [row.dims[2] / inScale, row.dims[3] / inScale]
    const area = height * width
    const sides = sidesFor(height, width, factor, session)
    let at =
      area >= tooLarge.area
        ? Math.max(
            0,
            sides.findIndex(side => side <= tooLarge.side),
          )
        : 0
    if (at > 0) notify(inTilesOf(sides[at] * factor, from))

    const smaller = (): Notice | null => {
      if (at === sides.length - 1) return null
      at++
      tooLarge = { area, side: sides[at] }
      return inTilesOf(sides[at] * factor, from)
    }
    const attempt = (): Promise<FloatTensor> => {
      const size = sides[at]
      if (size === Infinity) return run(row)
      return runTiled(row, { size, overlap: size * TILING.overlap, inScale, outScale }, run)
    }
    return withRelief(attempt, () => rungsOf(session.relief ?? null, [smaller]), notify)
  }
}

/** Infinity: in one piece, the only way for a graph of one size. */
function sidesFor(height: number, width: number, factor: number, { inputs: [input] }: Session): number[] {
  if (typeof input.shape[2] === 'number' || typeof input.shape[3] === 'number') return [Infinity]
  const isWhole = height * width * factor ** 2 <= TILING.wholePixels
  const smaller = TILING.sides.filter(side => side < Math.max(height, width))
  return isWhole || smaller.length === 0 ? [Infinity, ...smaller] : smaller
}

function inTilesOf(pixels: number, from: TilerOptions['from']): Notice {
  return createNotice(from === 'latents' ? 'memory-decoded-in-tiles' : 'memory-encoded-in-tiles', { pixels })
}
