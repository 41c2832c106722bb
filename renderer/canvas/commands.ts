/** What can be done to a mask without a pointer; each is one step of the history. */
import { featherMask } from '#contract/mask/feather'
import { invertMask, type Box, type GreyMask } from '#contract/mask/grey-mask'
import { growMask, shrinkMask } from '#contract/mask/grow'
import { clipBox, wholeBox } from './box.ts'
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
  /** Puts another picture under the mask, and another mask if given; undoing brings the former ones back. */
  setBase(base: string, mask?: GreyMask): void
}

/** `settle` ends whatever a tool was doing. */
export function createCommands({ document, history, context, tell }: Gestures, settle: () => void): Commands {
  const { mask } = document
  const put = (other: GreyMask): void => context.change(wholeBox(mask), () => mask.data.set(other.data))

  function step(work: () => void): void {
    settle()
    context.begin()
    work()
    context.end()
  }

  return {
    fill: () => step(() => put({ ...mask, data: new Uint8Array(mask.data.length).fill(255) })),
    clear: () => step(() => put({ ...mask, data: new Uint8Array(mask.data.length) })),
    invert: () => step(() => put(invertMask(mask))),
    grow: radius => step(() => put(growMask(mask, radius))),
    shrink: radius => step(() => put(shrinkMask(mask, radius))),
    feather: radius => step(() => put(featherMask(mask, radius))),
    replaceMask: other => step(() => put(other)),
    addBox(box, mode) {
      const corners = rectangleCorners({ x: box.left, y: box.top }, { x: box.right, y: box.bottom })
      step(() => context.change(clipBox(box, mask), () => paintPolygon(mask, corners, mode)))
    },
    setBase(base, other) {
      step(() => {
        history.touchBase()
        document.base = base
        if (other !== undefined) put(other)
        tell({ kind: 'base' })
      })
    },
  }
}
