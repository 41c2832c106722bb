/**
 * Where a window keeps its canvas over a reload or a crash: IndexedDB, because a mask of a large picture is too much for
 * what `localStorage` takes. Mask and strokes lie there in squares, so that a stroke writes only those that it touched;
 * what is written together is one transaction, and a crash in between leaves what was there before.
 */
import { inject, type InjectionKey } from 'vue'
import type { ChangedTiles } from '../canvas/dirty-tiles.ts'
import type { PlaneName } from '../canvas/history.ts'
import type { TileContent } from '../canvas/tiles.ts'
import type { BasePicture } from './base-pictures.ts'
import type { Candidate } from './canvas-candidates.ts'
import type { StoredStep } from './canvas-past.ts'

const NAME = 'easel-canvas'
const DOCUMENTS = 'documents'
const BASES = 'bases'
const TILES = 'tiles'
const STEPS = 'steps'
const RESULTS = 'results'
const STORES = [DOCUMENTS, BASES, TILES, STEPS, RESULTS]
/** 2: steps and results. */
const VERSION = 2

export interface CanvasRecord {
  /** Plain data and a picture's file, to be checked by whoever reads them. */
  document: unknown
  base: unknown
  tiles: ChangedTiles
  /** Of undo and redo, by their ids. */
  steps: ReadonlyMap<number, unknown>
  results: unknown
}

export interface CanvasWrite {
  document: unknown
  /** Only where it is another one than at the last time. */
  base: BasePicture | null
  /** Squares of nothing are told too: what was there before goes. */
  tiles: ChangedTiles
  /** What was written before is of another picture. */
  isWhole: boolean
  /** New or changed ones, and the ids of all that are to be kept. */
  steps: ReadonlyMap<number, StoredStep>
  keptSteps: readonly number[]
  /** Only where they are others than at the last time. */
  results: readonly Candidate[] | null
  /** Nothing of what was written before is of this canvas. */
  isOther: boolean
}

export interface CanvasStorage {
  read(): Promise<CanvasRecord | null>
  write(change: CanvasWrite): Promise<void>
  clear(): Promise<void>
}

export const CANVAS_STORAGE: InjectionKey<CanvasStorage> = Symbol('canvas storage')

export function useCanvasStorage(): CanvasStorage {
  const storage = inject(CANVAS_STORAGE)
  if (storage === undefined) throw new Error('No storage of the canvas was provided to the app')
  return storage
}

/** Of the window with this id; the records of windows that are remembered no longer are dropped. */
export function openCanvasStorage(
  factory: IDBFactory,
  windowId: string,
  knownWindows: () => readonly string[],
): CanvasStorage {
  let opened: Promise<IDBDatabase> | null = null
  const database = (): Promise<IDBDatabase> => (opened ??= open(factory))

  async function transact(mode: IDBTransactionMode, work: (transaction: IDBTransaction) => void): Promise<void> {
    const transaction = (await database()).transaction(STORES, mode)
    work(transaction)
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve()
      transaction.onabort = () => reject(transaction.error ?? new Error('The canvas could not be stored.'))
    })
  }

  return {
    async read() {
      const transaction = (await database()).transaction(STORES, 'readonly')
      const document = answerOf<unknown>(transaction.objectStore(DOCUMENTS).get(windowId))
      const base = answerOf<unknown>(transaction.objectStore(BASES).get(windowId))
      const tiles = readTiles(transaction.objectStore(TILES), windowId)
      const steps = readSteps(transaction.objectStore(STEPS), windowId)
      const results = answerOf<unknown>(transaction.objectStore(RESULTS).get(windowId))
      const found = {
        document: await document,
        base: await base,
        tiles: await tiles,
        steps: await steps,
        results: await results,
      }
      return found.document === undefined ? null : found
    },
    write: ({ document, base, tiles, isWhole, steps, keptSteps, results, isOther }) =>
      transact('readwrite', transaction => {
        if (isOther) removeWindow(transaction, windowId)
        transaction.objectStore(DOCUMENTS).put(document, windowId)
        if (base !== null) transaction.objectStore(BASES).put(base, windowId)
        const store = transaction.objectStore(TILES)
        if (isWhole) store.delete(rangeOf(windowId))
        for (const plane of ['mask', 'strokes'] as const) {
          for (const [tile, content] of tiles[plane]) {
            if (content !== 0) store.put(content, [windowId, plane, tile])
            else if (!isWhole) store.delete([windowId, plane, tile])
          }
        }
        if (results !== null) transaction.objectStore(RESULTS).put(results, windowId)
        writeSteps(transaction.objectStore(STEPS), windowId, steps, keptSteps)
      }),
    clear: () =>
      transact('readwrite', transaction => {
        removeWindow(transaction, windowId)
        const known = new Set(knownWindows())
        const listed = transaction.objectStore(DOCUMENTS).getAllKeys()
        listed.onsuccess = () => {
          for (const id of listed.result) if (!known.has(String(id))) removeWindow(transaction, String(id))
        }
      }),
  }
}

function open(factory: IDBFactory): Promise<IDBDatabase> {
  const request = factory.open(NAME, VERSION)
  request.onupgradeneeded = () => {
    const there = request.result.objectStoreNames
    for (const name of STORES) if (!there.contains(name)) request.result.createObjectStore(name)
  }
  return answerOf(request)
}

function removeWindow(transaction: IDBTransaction, id: string): void {
  transaction.objectStore(DOCUMENTS).delete(id)
  for (const name of [BASES, RESULTS]) transaction.objectStore(name).delete(id)
  for (const name of [TILES, STEPS]) transaction.objectStore(name).delete(rangeOf(id))
}

/** Arrays sort by their parts, and an array behind every string and number. */
function rangeOf(windowId: string): IDBKeyRange {
  return IDBKeyRange.bound([windowId], [windowId, []])
}

function writeSteps(
  store: IDBObjectStore,
  windowId: string,
  steps: ReadonlyMap<number, StoredStep>,
  kept: readonly number[],
): void {
  for (const [id, step] of steps) store.put(step, [windowId, id])
  const ids = new Set(kept)
  const listed = store.getAllKeys(rangeOf(windowId))
  listed.onsuccess = () => {
    for (const key of listed.result) if (!ids.has((key as [string, number])[1])) store.delete(key)
  }
}

async function readTiles(store: IDBObjectStore, windowId: string): Promise<ChangedTiles> {
  const tiles = { mask: new Map<number, TileContent>(), strokes: new Map<number, TileContent>() }
  await eachOf(store, windowId, (key, value) => {
    const [, plane, tile] = key as [string, PlaneName, number]
    tiles[plane].set(tile, value as TileContent)
  })
  return tiles
}

async function readSteps(store: IDBObjectStore, windowId: string): Promise<ReadonlyMap<number, unknown>> {
  const steps = new Map<number, unknown>()
  await eachOf(store, windowId, (key, value) => steps.set((key as [string, number])[1], value))
  return steps
}

function eachOf(
  store: IDBObjectStore,
  windowId: string,
  visit: (key: IDBValidKey, value: unknown) => void,
): Promise<void> {
  const request = store.openCursor(rangeOf(windowId))
  return new Promise((resolve, reject) => {
    request.onerror = () => reject(request.error ?? new Error('The canvas could not be read.'))
    request.onsuccess = () => {
      const cursor = request.result
      if (cursor === null) {
        resolve()
        return
      }
      visit(cursor.key, cursor.value)
      cursor.continue()
    }
  })
}

function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('The canvas could not be read.'))
  })
}
