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

const NAME = 'easel-canvas'
const DOCUMENTS = 'documents'
const BASES = 'bases'
const TILES = 'tiles'
const STORES = [DOCUMENTS, BASES, TILES]

export interface CanvasRecord {
  /** Plain data and a picture's file, to be checked by whoever reads them. */
  document: unknown
  base: unknown
  tiles: ChangedTiles
}

export interface CanvasWrite {
  document: unknown
  /** Only where it is another one than at the last time. */
  base: BasePicture | null
  /** Squares of nothing are told too: what was there before goes. */
  tiles: ChangedTiles
  /** What was written before is of another picture. */
  isWhole: boolean
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
      const found = { document: await document, base: await base, tiles: await tiles }
      return found.document === undefined ? null : found
    },
    write: ({ document, base, tiles, isWhole }) =>
      transact('readwrite', transaction => {
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
  const request = factory.open(NAME, 1)
  request.onupgradeneeded = () => STORES.forEach(name => request.result.createObjectStore(name))
  return answerOf(request)
}

function removeWindow(transaction: IDBTransaction, id: string): void {
  transaction.objectStore(DOCUMENTS).delete(id)
  transaction.objectStore(BASES).delete(id)
  transaction.objectStore(TILES).delete(rangeOf(id))
}

/** Arrays sort by their parts, and an array behind every string and number. */
function rangeOf(windowId: string): IDBKeyRange {
  return IDBKeyRange.bound([windowId], [windowId, []])
}

function readTiles(store: IDBObjectStore, windowId: string): Promise<ChangedTiles> {
  const tiles = { mask: new Map<number, TileContent>(), strokes: new Map<number, TileContent>() }
  const request = store.openCursor(rangeOf(windowId))
  return new Promise((resolve, reject) => {
    request.onerror = () => reject(request.error ?? new Error('The canvas could not be read.'))
    request.onsuccess = () => {
      const cursor = request.result
      if (cursor === null) {
        resolve(tiles)
        return
      }
      const [, plane, tile] = cursor.key as [string, PlaneName, number]
      tiles[plane].set(tile, cursor.value as TileContent)
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
