import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boundsOf } from '#contract/mask/grey-mask'
import { createDocument } from '#canvas/document'
import type { ToolName } from '#canvas/tools/tool'
import { at, copyOf, drag, openEditor as open, valueAt } from '#test/canvas-hand'

describe('the brush', () => {
  it('paints a line as wide as it is, and nothing beside it', () => {
    const editor = open()
    drag(editor, [
      [20, 40],
      [100, 40],
    ])
    expect([34, 35, 40, 44, 45].map(y => valueAt(editor, 60, y))).toEqual([0, 255, 255, 255, 0])
    expect(boundsOf(editor.document.mask)).toEqual({ left: 15, right: 105, top: 35, bottom: 45 })
  })

  it('leaves no gaps at any speed', () => {
    const editor = open(400, 60)
    drag(editor, [
      [10, 30],
      [390, 30],
    ])
    for (let x = 10; x < 390; x++) expect(valueAt(editor, x, 30)).toBe(255)
  })

  it('paints thinner where the pen presses less', () => {
    const editor = open()
    drag(editor, [[60, 45]], { pressure: 0.4 })
    expect(boundsOf(editor.document.mask)).toEqual({ left: 58, right: 62, top: 43, bottom: 47 })
  })

  it('does not build up where a soft stroke crosses itself', () => {
    const editor = open()
    editor.set({ brush: { size: 30, hardness: 0, opacity: 0.5 } })
    drag(editor, [
      [30, 45],
      [90, 45],
    ])
    const once = copyOf(editor)
    drag(editor, [
      [90, 45],
      [30, 45],
    ])
    expect(copyOf(editor)).toEqual(once)
    expect([valueAt(editor, 60, 45), valueAt(editor, 60, 29)]).toEqual([127, 0])
  })

  it('draws a straight line from the last stroke with Shift', () => {
    const editor = open()
    drag(editor, [[20, 20]])
    drag(editor, [[100, 20]], { shift: true })
    expect(valueAt(editor, 60, 20)).toBe(255)
  })

  it('takes away with Alt, and so does the eraser', () => {
    for (const [tool, alt] of [
      ['brush', true],
      ['eraser', false],
    ] as [ToolName, boolean][]) {
      const editor = open()
      editor.fill()
      editor.set({ tool })
      drag(editor, [[60, 45]], { alt })
      expect([valueAt(editor, 60, 45), valueAt(editor, 20, 45)]).toEqual([0, 255])
    }
  })

  it('ends where the pointer is although it is smoothed', () => {
    const editor = open()
    editor.set({ smoothing: 1 })
    drag(editor, [
      [20, 40],
      [60, 40],
      [100, 40],
    ])
    expect(valueAt(editor, 99, 40)).toBe(255)
  })
})

describe('shapes', () => {
  it('fill exactly the pixels inside a rectangle', () => {
    const editor = open()
    editor.set({ tool: 'rectangle' })
    drag(editor, [
      [10, 20],
      [50, 60],
    ])
    expect(boundsOf(editor.document.mask)).toEqual({ left: 10, right: 50, top: 20, bottom: 60 })
    expect(editor.document.mask.data.filter(value => value === 255)).toHaveLength(40 * 40)
  })

  it('fill an ellipse of the right area', () => {
    const editor = open()
    editor.set({ tool: 'ellipse' })
    drag(editor, [
      [10, 10],
      [90, 70],
    ])
    const area = editor.document.mask.data.filter(value => value === 255).length
    expect(Math.abs(area - Math.PI * 40 * 30)).toBeLessThan(30)
  })

  it('close a lasso and a polygon', () => {
    const editor = open()
    editor.set({ tool: 'lasso' })
    drag(editor, [
      [10, 10],
      [40, 10],
      [40, 40],
      [10, 40],
    ])
    expect([valueAt(editor, 25, 25), valueAt(editor, 60, 25)]).toEqual([255, 0])
    editor.set({ tool: 'polygon' })
    for (const [x, y] of [
      [60, 10],
      [100, 10],
      [80, 50],
    ]) {
      editor.pointerDown(at(x, y))
      editor.pointerUp(at(x, y))
    }
    expect(valueAt(editor, 80, 20)).toBe(0)
    editor.finish()
    expect([valueAt(editor, 80, 20), editor.outline.length]).toEqual([255, 0])
  })

  it('give up without a trace on cancel', () => {
    const editor = open()
    editor.set({ tool: 'polygon' })
    editor.pointerDown(at(10, 10))
    expect(editor.cancel()).toBe(true)
    expect([editor.outline.length, editor.history.canUndo, editor.cancel()]).toEqual([0, false, false])
  })
})

describe('the wand', () => {
  it('selects the connected pixels of a like colour', () => {
    const editor = open(6, 3)
    const colours = ['aab', 'abb', 'aba'] // two columns each
    const data = new Uint8ClampedArray(6 * 3 * 4)
    colours.forEach((row, y) =>
      Array.from(row).forEach((c, i) => {
        for (const x of [2 * i, 2 * i + 1])
          data.set(c === 'a' ? [200, 10, 10, 255] : [10, 200, 10, 255], (y * 6 + x) * 4)
      }),
    )
    editor.setPicture({ pixels: { width: 6, height: 3, data } })
    editor.set({ tool: 'wand', tolerance: 10 })
    drag(editor, [[1, 1]])
    const rows = [0, 1, 2].map(y => Array.from({ length: 6 }, (_, x) => (valueAt(editor, x, y) ? '#' : '.')).join(''))
    expect(rows).toEqual(['####..', '##....', '##....'])
  })
})

describe('commands', () => {
  it('fill, invert, clear, grow, shrink and feather are one step each', () => {
    const editor = open()
    editor.addBox({ left: 40, top: 30, right: 60, bottom: 50 }, 'add')
    const box = copyOf(editor)
    editor.grow(5)
    editor.shrink(5)
    editor.invert()
    editor.feather(4)
    editor.clear()
    editor.fill()
    for (let i = 0; i < 6; i++) editor.undo()
    expect(copyOf(editor)).toEqual(box)
    editor.undo()
    expect([boundsOf(editor.document.mask), editor.history.canUndo]).toEqual([null, false])
  })

  it('exchange the picture, its size and all that lies on it in one step that can be undone', () => {
    const editor = open()
    drag(editor, [[60, 45]])
    editor.set({ tool: 'sketch' })
    drag(editor, [[20, 20]])
    editor.setFrame({ left: -10, top: 0, right: 120, bottom: 90 })
    const [painted, drawn] = [copyOf(editor), editor.document.strokes?.data.slice()]
    editor.replace(createDocument('second', { width: 130, height: 90 }))
    expect([editor.document.base, editor.document.mask.width, editor.document.strokes]).toEqual(['second', 130, null])
    drag(editor, [[125, 45]])
    editor.undo()
    editor.undo()
    expect([editor.document.base, copyOf(editor), editor.document.strokes?.data]).toEqual(['first', painted, drawn])
    expect(editor.document.frame.left).toBe(-10)
    editor.redo()
    expect([editor.document.base, editor.document.frame.right]).toEqual(['second', 130])
  })
})

describe('undo and redo', () => {
  it('bring back every state of a random session, both ways', () => {
    const stroke = fc.record({
      tool: fc.constantFrom<ToolName>('brush', 'eraser', 'rectangle', 'ellipse', 'lasso'),
      points: fc.array(fc.tuple(fc.integer({ min: -20, max: 140 }), fc.integer({ min: -20, max: 110 })), {
        minLength: 2,
        maxLength: 5,
      }),
      isCancelled: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(stroke, { minLength: 1, maxLength: 12 }), strokes => {
        const editor = open()
        const states = [copyOf(editor)]
        for (const { tool, points, isCancelled } of strokes) {
          editor.set({ tool })
          if (isCancelled) {
            editor.pointerDown(at(...points[0]))
            editor.pointerMove(at(...points[1]))
            editor.cancel()
            expect(copyOf(editor)).toEqual(states.at(-1))
            continue
          }
          drag(editor, points)
          const now = copyOf(editor)
          if (Buffer.compare(now, states[states.length - 1]) !== 0) states.push(now)
        }
        for (const state of states.slice(0, -1).reverse()) {
          editor.undo()
          expect(copyOf(editor)).toEqual(state)
        }
        expect(editor.history.canUndo).toBe(false)
        for (const state of states.slice(1)) {
          editor.redo()
          expect(copyOf(editor)).toEqual(state)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('keeps 64 steps of a large picture within its memory', () => {
    const editor = open(1024, 1024)
    editor.set({ brush: { size: 200, hardness: 0.5, opacity: 1 } })
    for (let i = 0; i < 70; i++)
      drag(editor, [
        [100 + i * 10, 100],
        [200 + i * 5, 900],
      ])
    let steps = 0
    for (; editor.history.canUndo; steps++) editor.undo()
    expect(steps).toBe(70)
    expect(editor.history.bytes).toBeLessThan(192 * 1024 * 1024)
  })

  it('tells which part of the mask changed', () => {
    const editor = open()
    const boxes: unknown[] = []
    editor.onChange(change => change.kind === 'mask' && boxes.push(change.box))
    drag(editor, [[60, 45]])
    expect(boxes[0]).toEqual({ left: 54, top: 39, right: 66, bottom: 51 })
  })
})
