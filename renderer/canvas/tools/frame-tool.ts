/** Drags the frame: an edge or a corner makes it larger or smaller, its inside moves it. Alt lets go of the snapping. */
import type { Box } from '#contract/mask/grey-mask'
import { moveBox, SIDES, type Side } from '../box.ts'
import { snapMoved, snapResized } from '../snap-frame.ts'
import type { PointerInput, Tool, ToolContext } from './tool.ts'

/** On the screen. */
const GRIP_PIXELS = 12
const SNAP_PIXELS = 8

interface Drag {
  from: PointerInput
  frame: Box
  /** What is dragged; all four: the frame itself. */
  sides: readonly Side[]
}

export function createFrameTool(): Tool {
  let drag: Drag | null = null

  function place(at: PointerInput, context: ToolContext): void {
    if (drag === null) return
    const [dx, dy] = [at.x - drag.from.x, at.y - drag.from.y]
    const { document, settings } = context
    const within = at.alt ? 0 : SNAP_PIXELS * at.reach
    if (drag.sides.length === SIDES.length) {
      context.setFrame(snapMoved(moveBox(drag.frame, dx, dy), document.mask, within))
      return
    }
    const by: Record<Side, number> = { left: dx, top: dy, right: dx, bottom: dy }
    const frame = { ...drag.frame }
    for (const side of drag.sides) frame[side] += by[side]
    context.setFrame(snapResized(frame, drag.sides, document.mask, settings().snap, within))
  }

  return {
    down(at, context) {
      const { frame } = context.document
      const sides = sidesAt(frame, at)
      if (sides.length === 0) return
      drag = { from: at, frame, sides }
      context.begin()
    },
    move: place,
    up(at, context) {
      if (drag === null) return
      place(at, context)
      drag = null
      context.end()
    },
    reset() {
      drag = null
    },
  }
}

/** The sides that a pointer there takes hold of; all of them inside, none outside. */
export function sidesAt(frame: Box, { x, y, reach }: Pick<PointerInput, 'x' | 'y' | 'reach'>): readonly Side[] {
  const grip = GRIP_PIXELS * reach
  const isWithin = x > frame.left - grip && x < frame.right + grip && y > frame.top - grip && y < frame.bottom + grip
  if (!isWithin) return []
  const [pointer, centre] = [
    { left: x, right: x, top: y, bottom: y },
    { x: (frame.left + frame.right) / 2, y: (frame.top + frame.bottom) / 2 },
  ]
  const held = SIDES.filter(side => Math.abs(pointer[side] - frame[side]) < grip)
  // Of a frame that is smaller than the grip on both sides, the nearer one of two opposite sides.
  const sides = held.filter(side =>
    side === 'left' || side === 'top'
      ? pointer[side] <= centre[side === 'left' ? 'x' : 'y']
      : pointer[side] > centre[side === 'right' ? 'x' : 'y'],
  )
  return sides.length > 0 ? sides : SIDES
}
