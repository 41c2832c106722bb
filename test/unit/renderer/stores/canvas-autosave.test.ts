import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createCanvasMemory, createMemory, createPageStores } from '#test/page-stores'
import { drag, HARD } from '#test/canvas-hand'
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
  await memory.write({ document, base: { kind: 'image', id: 'apple' }, tiles, isWhole: true })
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
