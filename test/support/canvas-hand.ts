/** A hand that draws on a canvas without a page: presses, drags and lets go. */
import { createDocument } from '#canvas/document'
import { createEditor, type Editor } from '#canvas/editor'
import type { PointerInput } from '#canvas/tools/tool'

export const HARD = { size: 10, hardness: 1, opacity: 1 }

export function openEditor(width = 120, height = 90): Editor {
  const editor = createEditor(createDocument('first', { width, height }))
  editor.set({ brush: HARD, smoothing: 0 })
  return editor
}

export function at(x: number, y: number, rest: Partial<PointerInput> = {}): PointerInput {
  return { x, y, pressure: 1, shift: false, alt: false, reach: 1, ...rest }
}

export function drag(editor: Editor, points: [number, number][], rest: Partial<PointerInput> = {}): void {
  const [first, ...others] = points.map(([x, y]) => at(x, y, rest))
  editor.pointerDown(first)
  for (const point of others) editor.pointerMove(point)
  editor.pointerUp(others.at(-1) ?? first)
}

export function valueAt(editor: Editor, x: number, y: number): number {
  return editor.document.mask.data[y * editor.document.mask.width + x]
}

export const copyOf = (editor: Editor): Uint8Array => editor.document.mask.data.slice()
