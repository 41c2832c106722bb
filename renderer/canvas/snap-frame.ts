/**
 * What a frame snaps to while it is dragged: the picture's edges, the size that was asked for (then a pixel of the frame
 * is a pixel that is rendered), and else a multiple that the model can render.
 */
import type { Box } from '#contract/mask/grey-mask'
import { moveBox, type Side, type Size } from './box.ts'
import { MIN_FRAME } from './frame.ts'

/** The whole frame was moved: a side that is near an edge of the picture takes it along. */
export function snapMoved(frame: Box, picture: Size, within: number): Box {
  const { width, height } = picture
  const dx = nearest([-frame.left, width - frame.right, -frame.right, width - frame.left], within)
  const dy = nearest([-frame.top, height - frame.bottom, -frame.bottom, height - frame.top], within)
  return moveBox(frame, dx ?? 0, dy ?? 0)
}

/** These sides were dragged; the others stay. `within` 0 leaves whole pixels. */
export function snapResized(
  frame: Box,
  sides: readonly Side[],
  picture: Size,
  snap: Size & { multiple: number },
  within: number,
): Box {
  const snapped = { ...frame }
  for (const side of sides) {
    const isAcross = side === 'left' || side === 'right'
    const [opposite, edge, asked] = isAcross
      ? ([side === 'left' ? 'right' : 'left', picture.width, snap.width] as const)
      : ([side === 'top' ? 'bottom' : 'top', picture.height, snap.height] as const)
    const direction = side === 'left' || side === 'top' ? -1 : 1
    const length = Math.max(MIN_FRAME, (frame[side] - frame[opposite]) * direction)
    const place = frame[opposite] + direction * length
    const lengths = [asked, ...[0, edge].map(at => (at - frame[opposite]) * direction)].filter(l => l >= MIN_FRAME)
    const wanted = nearest(
      lengths.map(l => l - length),
      within,
    )
    if (wanted !== null) snapped[side] = place + direction * wanted
    else if (within === 0) snapped[side] = Math.round(place)
    else
      snapped[side] =
        frame[opposite] + direction * Math.max(snap.multiple, Math.round(length / snap.multiple) * snap.multiple)
  }
  return snapped
}

/** The smallest of the distances, if it is small enough. */
function nearest(distances: readonly number[], within: number): number | null {
  const [best = Infinity] = distances.toSorted((a, b) => Math.abs(a) - Math.abs(b))
  return within > 0 && Math.abs(best) <= within ? best : null
}
