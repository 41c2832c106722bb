import { expect, it } from 'vitest'
import { createDocument } from '#canvas/document'
import { createMaskMirror, trackDirtyTiles } from '#canvas/dirty-tiles'
import { drag, openEditor } from '#test/canvas-hand'

it('keeps a copy of the mask right over strokes, undoing and another picture, by the squares that changed', () => {
  const editor = openEditor(300, 200)
  const dirty = trackDirtyTiles(editor, ['mask'])
  dirty.markAll()
  const mirror = createMaskMirror()
  const update = (): number => {
    const { tiles, isWhole } = dirty.take()
    const { width, height, data } = editor.document.mask
    expect(mirror({ width, height, tiles: tiles.mask, isWhole }).data).toEqual(data)
    return tiles.mask.size
  }
  expect(update()).toBe(20)
  drag(editor, [
    [10, 10],
    [50, 20],
  ])
  expect(update()).toBe(1)
  editor.set({ tool: 'sketch' })
  drag(editor, [[150, 150]])
  expect(update()).toBe(0)
  editor.fill()
  editor.undo()
  expect(update()).toBe(20)
  editor.replace(createDocument('next', { width: 70, height: 40 }))
  editor.fill()
  expect(update()).toBe(2)
  editor.undo()
  editor.undo()
  expect(update()).toBe(20)
  expect(update()).toBe(0)
})

it('tells nothing of a plane that nobody asked for', () => {
  const editor = openEditor(100, 100)
  const dirty = trackDirtyTiles(editor, ['mask'])
  editor.set({ tool: 'sketch' })
  drag(editor, [[50, 50]])
  dirty.markAll()
  expect([...dirty.take().tiles.strokes]).toEqual([])
})
