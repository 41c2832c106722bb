/** What can be done to a document without a pointer; each is one step of the history. */
import { featherMask } from '#contract/mask/feather'
import { invertMask, type Box, type GreyMask } from '#contract/mask/grey-mask'
import { growMask, shrinkMask } from '#contract/mask/grow'
import { clipBox, wholeBox } from './box.ts'
import type { CanvasDocument } from './document.ts'
import type { Gestures } from './gestures.ts'
import { paintPolygon, rectangleCorners, type Mode } from './paint.ts'

export interface Commands {
  fill(): void
  clear(): void
  invert(): void
  grow(radius: number): void
  shrink(radius: number): void
  feather(radius: number): void
  addBox(box: Box, mode: Mode): void
  /** Puts another mask of the same size in its place. */
  replaceMask(mask: GreyMask): void
  clearStrokes(): void
  /** Limited to what the engine takes. */
  setFrame(frame: Box): void
  /** Puts another picture there, perhaps of another size, with all that lies on it; undoing brings the former one back. */
  replace(next: CanvasDocument): void
}

/** `settle` ends whatever a tool was doing. */
export function createCommands({ document, history, context, tell }: Gestures, settle: () => void): Commands {
  function step(work: () => void): void {
    settle()
    context.begin()
    work()
    context.end()
  }
  const put = (make: (mask: GreyMask) => GreyMask): void =>
    step(() => {
      const { mask } = document
      const { data } = make(mask)
      context.change('mask', wholeBox(mask), () => mask.data.set(data))
    })

  return {
    fill: () => put(mask => ({ ...mask, data: new Uint8Array(mask.data.length).fill(255) })),
    clear: () => put(mask => ({ ...mask, data: new Uint8Array(mask.data.length) })),
    invert: () => put(invertMask),
    grow: radius => put(mask => growMask(mask, radius)),
    shrink: radius => put(mask => shrinkMask(mask, radius)),
    feather: radius => put(mask => featherMask(mask, radius)),
    replaceMask: other => put(() => other),
    addBox(box, mode) {
      const { mask } = document
      const corners = rectangleCorners({ x: box.left, y: box.top }, { x: box.right, y: box.bottom })
      step(() => context.change('mask', clipBox(box, mask), () => paintPolygon(mask, corners, mode)))
    },
    clearStrokes() {
      const { strokes } = document
      if (strokes !== null) step(() => context.change('strokes', wholeBox(strokes), () => strokes.data.fill(0)))
    },
    setFrame: frame => step(() => context.setFrame(frame)),
    replace(next) {
      settle()
      history.replace(next)
      tell({ kind: 'surface' })
      tell({ kind: 'history' })
    },
  }
}
