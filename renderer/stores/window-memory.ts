/**
 * What one window remembers over a reload, a crash or being closed, kept apart from every other window: two windows
 * never write the same record. A Web Lock says which records belong to an open window. A window that was closed is
 * taken up again by the next one that opens; a further window starts as a copy of the newest and goes its own way.
 */
import { inject, type InjectionKey } from 'vue'

const ID_KEY = 'easel.window'
const RECORD_PREFIX = 'easel.window.'
const KEPT_RECORDS = 20
/**
 * A reloading page lets go of its lock a moment after its successor asks: on a busy machine more than 400 ms, and the page
 * came back without its canvas. Only the copy of a tab waits for all of it.
 */
const LOCK_PATIENCE_MS = 2000

export interface WindowMemory {
  /** Of this window, as long as it is open: other stores may keep records of its own under it. */
  readonly id: string
  /** Of all windows that are remembered. */
  knownIds(): string[]
  read(part: string): unknown
  write(part: string, value: unknown): void
}

export interface Surroundings {
  local: Storage
  session: Storage
  /** Absent outside secure contexts (another device over plain HTTP). */
  locks: LockManager | undefined
  now: () => number
  newId: () => string
}

interface WindowRecord {
  savedAt: number
  parts: Record<string, unknown>
}

export const WINDOW_MEMORY: InjectionKey<WindowMemory> = Symbol('window memory')

export function useWindowMemory(): WindowMemory {
  const memory = inject(WINDOW_MEMORY)
  if (memory === undefined) throw new Error('No window memory was provided to the app')
  return memory
}

export async function openWindowMemory(around: Surroundings): Promise<WindowMemory> {
  const { id, record } = await chooseRecord(around)
  around.session.setItem(ID_KEY, id)
  prune(around.local, id)
  return {
    id,
    knownIds: () => [id, ...listRecords(around.local).map(known => known.id)],
    read: part => record.parts[part],
    write(part, value) {
      record.parts[part] = value
      record.savedAt = around.now()
      try {
        around.local.setItem(RECORD_PREFIX + id, JSON.stringify(record))
      } catch {
        // Storage is full or forbidden: the page still works, it only will not remember.
      }
    },
  }
}

async function chooseRecord(around: Surroundings): Promise<{ id: string; record: WindowRecord }> {
  const own = around.session.getItem(ID_KEY)
  if (own !== null && (await takeLock(around.locks, own, LOCK_PATIENCE_MS))) {
    return { id: own, record: readRecord(around.local, own) ?? emptyRecord() }
  }
  const stored = listRecords(around.local)
  // A tab that was duplicated carries the id of its original, whose record it copies.
  if (own === null && around.locks !== undefined) {
    for (const { id, record } of stored) {
      if (await takeLock(around.locks, id, 0)) return { id, record }
    }
  }
  const source = (own === null ? null : readRecord(around.local, own)) ?? stored[0]?.record ?? emptyRecord()
  const id = around.newId()
  await takeLock(around.locks, id, 0)
  return { id, record: structuredClone(source) }
}

/** True when the lock is ours until the page goes away; without locks every window keeps to its own id. */
function takeLock(locks: LockManager | undefined, id: string, patienceMs: number): Promise<boolean> {
  if (locks === undefined) return Promise.resolve(true)
  const options: LockOptions = patienceMs === 0 ? { ifAvailable: true } : { signal: AbortSignal.timeout(patienceMs) }
  return new Promise(resolve => {
    locks
      .request(RECORD_PREFIX + id, options, lock => {
        resolve(lock !== null)
        return lock === null ? undefined : new Promise<void>(() => undefined)
      })
      .catch(() => resolve(false))
  })
}

function listRecords(local: Storage): { id: string; record: WindowRecord }[] {
  return Object.keys(local)
    .filter(key => key.startsWith(RECORD_PREFIX))
    .map(key => key.slice(RECORD_PREFIX.length))
    .flatMap(id => {
      const record = readRecord(local, id)
      return record === null ? [] : [{ id, record }]
    })
    .toSorted((a, b) => b.record.savedAt - a.record.savedAt)
}

function readRecord(local: Storage, id: string): WindowRecord | null {
  try {
    const parsed: unknown = JSON.parse(local.getItem(RECORD_PREFIX + id) ?? 'null')
    if (typeof parsed !== 'object' || parsed === null) return null
    const { savedAt, parts } = parsed as Partial<WindowRecord>
    return typeof savedAt === 'number' && typeof parts === 'object' && parts !== null ? { savedAt, parts } : null
  } catch {
    return null
  }
}

function emptyRecord(): WindowRecord {
  return { savedAt: 0, parts: {} }
}

function prune(local: Storage, ownId: string): void {
  for (const { id } of listRecords(local).slice(KEPT_RECORDS)) {
    if (id !== ownId) local.removeItem(RECORD_PREFIX + id)
  }
}
