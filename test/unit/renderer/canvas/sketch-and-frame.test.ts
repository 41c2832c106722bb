import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boundsOf } from '#contract/mask/grey-mask'
import { hasStrokes } from '#canvas/document'
import type { Editor } from '#canvas/editor'
import { limitFrame, placeEdit, zoomedOut } from '#canvas/frame'
import { drag, HARD, openEditor as open } from '#test/canvas-hand'

describe('the colour brush', () => {
  const pixel = (editor: Editor, x: number, y: number): number[] =>
    Array.from(editor.document.strokes?.data.slice((y * 120 + x) * 4, (y * 120 + x) * 4 + 4) ?? [])

  it('paints its colour on a layer of its own, and leaves the mask alone', () => {
    const editor = open()
    editor.set({ tool: 'sketch', colour: [10, 200, 30] })
    drag(editor, [
      [20, 40],
      [100, 40],
    ])
    expect([pixel(editor, 60, 40), pixel(editor, 60, 60)]).toEqual([
      [10, 200, 30, 255],
      [0, 0, 0, 0],
    ])
    expect(boundsOf(editor.document.mask)).toBeNull()
  })

  it('does not build up within a stroke, and mixes with what another stroke left', () => {
    const editor = open()
    editor.set({ tool: 'sketch', colour: [200, 0, 0], brush: { ...HARD, opacity: 0.5 } })
    const line: [number, number][] = [
      [20, 40],
      [100, 40],
      [20, 40],
    ]
    drag(editor, line)
    expect(pixel(editor, 60, 40)).toEqual([200, 0, 0, 128])
    editor.set({ colour: [0, 0, 200] })
    drag(editor, line)
    expect(pixel(editor, 60, 40)).toEqual([67, 0, 133, 192])
  })

  it('is rubbed out, undone and redone exactly', () => {
    const editor = open()
    editor.set({ tool: 'sketch' })
    drag(editor, [[60, 45]])
    const drawn = editor.document.strokes?.data.slice()
    editor.set({ tool: 'rub', brush: { ...HARD, size: 14 } })
    drag(editor, [[60, 45]])
    expect(hasStrokes(editor.document)).toBe(false)
    editor.undo()
    expect(editor.document.strokes?.data).toEqual(drawn)
    editor.undo()
    expect(hasStrokes(editor.document)).toBe(false)
    editor.redo()
    expect(editor.document.strokes?.data).toEqual(drawn)
  })

  it('takes the colour that is seen with Alt, and so does the eyedropper', () => {
    const editor = open()
    editor.setPicture({ colourOf: (x, y) => (x < 120 && y < 90 ? [100, 100, 100] : null) })
    editor.set({ tool: 'sketch', colour: [200, 0, 0], brush: { ...HARD, opacity: 0.5 } })
    drag(editor, [[60, 45]])
    drag(editor, [[10, 10]], { alt: true })
    expect(editor.settings.colour).toEqual([100, 100, 100])
    editor.set({ tool: 'eyedropper' })
    drag(editor, [[60, 45]])
    expect(editor.settings.colour).toEqual([150, 50, 50])
    expect(pixel(editor, 10, 10)).toEqual([0, 0, 0, 0])
  })
})

describe('the grid', () => {
  it('masks whole cells, and takes them away with Alt', () => {
    const editor = open()
    editor.set({ tool: 'grid', cells: 4 })
    drag(editor, [
      [5, 5],
      [35, 5],
    ])
    expect(boundsOf(editor.document.mask)).toEqual({ left: 0, right: 60, top: 0, bottom: 30 })
    drag(editor, [[5, 5]], { alt: true })
    expect(boundsOf(editor.document.mask)).toEqual({ left: 30, right: 60, top: 0, bottom: 30 })
  })
})

describe('the frame', () => {
  const whole = { left: 0, top: 0, right: 120, bottom: 90 }

  it('is drawn beyond the picture by an edge, to a size that the model can render, in one step', () => {
    const editor = open()
    editor.set({ tool: 'frame', snap: { multiple: 16, width: 512, height: 512 } })
    drag(editor, [
      [120, 45],
      [140, 45],
      [171, 45],
    ])
    expect(editor.document.frame).toEqual({ ...whole, right: 176 })
    editor.undo()
    expect([editor.document.frame, editor.history.canUndo]).toEqual([whole, false])
  })

  it('snaps to the size that was asked for and to the edge of the picture, and to neither with Alt', () => {
    const editor = open()
    editor.set({ tool: 'frame', snap: { multiple: 64, width: 150, height: 512 } })
    drag(editor, [
      [120, 45],
      [147, 45],
    ])
    expect(editor.document.frame.right).toBe(150)
    drag(editor, [
      [150, 45],
      [123, 45],
    ])
    expect(editor.document.frame.right).toBe(120)
    drag(
      editor,
      [
        [120, 45],
        [123, 45],
      ],
      { alt: true },
    )
    expect(editor.document.frame.right).toBe(123)
  })

  it('is moved by its inside and keeps its size', () => {
    const editor = open()
    editor.set({ tool: 'frame' })
    drag(editor, [
      [60, 45],
      [90, 60],
    ])
    expect(editor.document.frame).toEqual({ left: 30, top: 15, right: 150, bottom: 105 })
  })

  it('never leaves the picture nor goes further out than the engine takes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9000, max: 9000 }), { minLength: 4, maxLength: 4 }), numbers => {
        const [left, top, right, bottom] = numbers
        const frame = limitFrame({ left, top, right, bottom }, { width: 120, height: 90 })
        expect([frame.left < 120, frame.top < 90, frame.right > 0, frame.bottom > 0]).toEqual([true, true, true, true])
        expect(Math.max(-frame.left, -frame.top, frame.right - 120, frame.bottom - 90)).toBeLessThanOrEqual(2048)
        expect([frame.right > frame.left, frame.bottom > frame.top]).toEqual([true, true])
      }),
    )
  })

  it('says where the edit takes place: the border, the part that it cuts, or all of it for strokes', () => {
    const picture = { width: 120, height: 90 }
    const none = { left: 0, top: 0, right: 0, bottom: 0 }
    const drawn = { picture, frame: whole, isMasked: false, isSketched: false }
    expect(placeEdit(drawn)).toBeNull()
    expect(placeEdit({ ...drawn, isSketched: true })).toEqual({ extend: none, area: whole })
    expect(placeEdit({ ...drawn, isMasked: true })).toEqual({ extend: none, area: null })
    const out = { ...whole, left: -30 }
    expect(placeEdit({ ...drawn, frame: out })).toEqual({ extend: { ...none, left: 30 }, area: null })
    const corner = { left: -30, top: 10, right: 60, bottom: 50 }
    expect(placeEdit({ ...drawn, frame: corner })).toEqual({
      extend: { ...none, left: 30 },
      area: { left: 0, top: 10, right: 90, bottom: 50 },
    })
  })

  it('is the whole of a picture that is smaller than the smallest frame', () => {
    const whole = { left: 0, top: 0, right: 5, bottom: 3 }
    expect(limitFrame(whole, { width: 5, height: 3 })).toEqual(whole)
  })

  it('zooms out around the picture in steps that the model can render', () => {
    expect(zoomedOut({ width: 120, height: 90 }, 1.5, 8)).toEqual({ left: -32, top: -24, right: 152, bottom: 114 })
  })
})
