import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDocument, hasStrokes, type CanvasDocument } from '#canvas/document'
import type { Editor } from '#canvas/editor'
import { aRequest, createCanvasMemory, createMemory, createPageStores } from '#test/page-stores'
import { drag, HARD } from '#test/canvas-hand'
import type { StoredStep } from '../../../../renderer/stores/canvas-past.ts'
import { useCanvas } from '../../../../renderer/stores/canvas.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A page over what was stored; waits until it has looked there. */
async function openPage(canvas = createCanvasMemory()) {
  const { app } = createPageStores({ memory: createMemory(), canvas })
  const store = app.runWithContext(() => useCanvas())
  await store.recovered
  return store
}

function editorOf(store: Awaited<ReturnType<typeof openPage>>) {
  const { editor } = store
  if (editor === null) throw new Error('Nothing is on the canvas.')
  return editor
}

it('gives the next page the picture with its mask, strokes and frame', async () => {
  const memory = createCanvasMemory()
  const first = await openPage(memory)
  first.open({ kind: 'image', id: 'apple' }, { width: 200, height: 100 })
  const drawn = editorOf(first)
  drawn.set({ brush: HARD })
  drag(drawn, [
    [20, 40],
    [150, 60],
  ])
  drawn.set({ tool: 'sketch' })
  drag(drawn, [[60, 45]])
  drawn.setFrame({ left: -16, top: 0, right: 200, bottom: 100 })
  await vi.advanceTimersByTimeAsync(1000)

  const next = editorOf(await openPage(memory))
  expect(next.document.mask).toEqual(drawn.document.mask)
  expect(next.document.strokes).toEqual(drawn.document.strokes)
  expect([next.document.frame, next.document.base]).toEqual([drawn.document.frame, 'apple'])
})

it('writes only the squares that a stroke touched, and those that were undone', async () => {
  const memory = createCanvasMemory()
  const store = await openPage(memory)
  store.open({ kind: 'image', id: 'apple' }, { width: 1000, height: 1000 })
  await vi.advanceTimersByTimeAsync(1000)
  const editor = editorOf(store)
  editor.set({ brush: HARD })
  drag(editor, [[32, 32]])
  await vi.advanceTimersByTimeAsync(1000)
  expect([...(memory.writes.at(-1)?.tiles.mask.keys() ?? [])]).toEqual([0])
  expect([memory.writes.at(-1)?.base, memory.writes.at(-1)?.isWhole]).toEqual([null, false])
  editor.undo()
  await vi.advanceTimersByTimeAsync(1000)
  expect([...(memory.writes.at(-1)?.tiles.mask ?? [])]).toEqual([[0, 0]])
})

it('has nothing for the next page after the picture was closed', async () => {
  const memory = createCanvasMemory()
  const store = await openPage(memory)
  store.open({ kind: 'image', id: 'apple' }, { width: 20, height: 10 })
  await vi.advanceTimersByTimeAsync(1000)
  store.close()
  await vi.advanceTimersByTimeAsync(0)
  expect((await openPage(memory)).editor).toBeNull()
})

it.each([
  ['of another version', { width: 'wide' }],
  ['of no size', { width: 0, height: 5, frame: { left: 0, top: 0, right: 1, bottom: 1 }, view: null, jobIds: [] }],
])('begins empty over a record %s', async (_what, document) => {
  const memory = createCanvasMemory()
  const tiles = { mask: new Map([[0, 255]]), strokes: new Map() }
  const rest = { steps: new Map(), keptSteps: [], results: [], isWhole: true, isOther: true }
  await memory.write({ document, base: { kind: 'image', id: 'apple' }, tiles, ...rest })
  expect((await openPage(memory)).editor).toBeNull()
})

it('says so when the canvas cannot be stored, and goes on', async () => {
  const memory = createCanvasMemory()
  const store = await openPage({ ...memory, write: () => Promise.reject(new Error('full')) })
  store.open({ kind: 'image', id: 'apple' }, { width: 20, height: 10 })
  await vi.advanceTimersByTimeAsync(1000)
  expect(store.isUnsaved).toBe(true)
  editorOf(store).fill()
  expect(editorOf(store).history.canUndo).toBe(true)
})

describe('undo over a reload', () => {
  /** A stroke, a sketch, its removal, and a kept result of another size that was painted on; the last taken back. */
  async function work(memory: ReturnType<typeof createCanvasMemory>) {
    const store = await openPage(memory)
    store.open({ kind: 'image', id: 'apple' }, { width: 150, height: 100 })
    const editor = editorOf(store)
    editor.set({ brush: HARD })
    drag(editor, [
      [20, 40],
      [130, 60],
    ])
    editor.set({ tool: 'sketch' })
    drag(editor, [[60, 45]])
    editor.clearStrokes()
    editor.replace(createDocument(store.nameOf({ kind: 'image', id: 'pear' }), { width: 90, height: 70 }))
    editor.set({ tool: 'brush' })
    drag(editor, [[40, 40]])
    editor.undo()
    await vi.advanceTimersByTimeAsync(1000)
    return editor
  }

  /** Every state on the way back and forth. */
  function statesOf(editor: Editor): unknown[] {
    const states: unknown[] = []
    const note = (): number => states.push(structuredClone(editor.document))
    note()
    while (editor.history.canUndo) {
      editor.undo()
      note()
    }
    while (editor.history.canRedo) {
      editor.redo()
      note()
    }
    return states
  }

  it('goes through the same states as before, both ways', async () => {
    const memory = createCanvasMemory()
    const before = await work(memory)
    const after = editorOf(await openPage(memory))
    const [states, again] = [statesOf(before), statesOf(after)]
    expect(states).toHaveLength(10)
    expect(again.map(withoutEmptyStrokes)).toEqual(states.map(withoutEmptyStrokes))
  })

  /** Strokes that were all taken away are not stored: none and empty ones are the same. */
  function withoutEmptyStrokes(state: unknown): unknown {
    const document = state as CanvasDocument
    return hasStrokes(document) ? document : { ...document, strokes: null }
  }

  it('writes a step once, and again only when it was undone', async () => {
    const memory = createCanvasMemory()
    const editor = await work(memory)
    editor.invert()
    await vi.advanceTimersByTimeAsync(1000)
    const [newest] = memory.writes.at(-1)?.keptSteps.slice(-1) ?? []
    expect([...(memory.writes.at(-1)?.steps.keys() ?? [])]).toEqual([newest])
    editor.undo()
    await vi.advanceTimersByTimeAsync(1000)
    expect([...(memory.writes.at(-1)?.steps.keys() ?? [])]).toEqual([newest])
  })

  it.each([
    ['no step at all', () => 'nothing'],
    [
      'a square beyond the picture',
      ({ step }: StoredStep) => ({
        base: null,
        step: { ...step, tiles: { mask: new Map([[999, 0]]), strokes: new Map() } },
      }),
    ],
    [
      'a square that is too short',
      ({ step }: StoredStep) => ({
        base: null,
        step: { ...step, tiles: { mask: new Map([[0, { packed: Uint8Array.of(129, 1) }]]), strokes: new Map() } },
      }),
    ],
  ])('stops before %s, and keeps what is newer', async (_what, damage) => {
    const memory = createCanvasMemory()
    const store = await openPage(memory)
    store.open({ kind: 'image', id: 'apple' }, { width: 150, height: 100 })
    for (const x of [20, 60, 100]) drag(editorOf(store), [[x, 40]])
    await vi.advanceTimersByTimeAsync(1000)
    const record = await memory.read()
    const [, middle] = memory.writes.at(-1)?.keptSteps ?? []
    if (record === null || middle === undefined) throw new Error('Nothing was stored.')
    const steps = new Map(record.steps).set(middle, damage(record.steps.get(middle) as StoredStep))
    const next = editorOf(await openPage({ ...memory, read: () => Promise.resolve({ ...record, steps }) }))
    expect(next.document.mask).toEqual(editorOf(store).document.mask)
    next.undo()
    expect(next.history.canUndo).toBe(false)
  })
})

it('gives back the results of an edit that was opened from a file', async () => {
  const memory = createCanvasMemory()
  const store = await openPage(memory)
  store.open({ kind: 'image', id: 'apple' }, { width: 20, height: 10 })
  const place = { extend: { left: 0, top: 0, right: 0, bottom: 0 }, area: null }
  const picture = { kind: 'file', file: new File(['bytes'], 'result.png') } as const
  store.recall([], [{ picture, place, request: aRequest(), notices: [] }])
  await vi.advanceTimersByTimeAsync(1000)
  const { candidates } = await openPage(memory)
  expect(candidates).toMatchObject([{ picture: { kind: 'file' }, place }])
})
