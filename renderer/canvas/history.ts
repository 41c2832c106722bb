/**
 * Undo and redo of a canvas. A gesture begins with a mark and ends as one step or, bailed out, as if it had never been;
 * in between whoever is about to change the document says what. A step holds what was there before: undoing swaps it
 * with what is there now, so that one copy serves both ways. The oldest steps go when memory is short: beyond 64 steps
 * early, and of these 64 only when even they would take too much.
 */
import type { Box } from '#contract/mask/grey-mask'
import { isSameBox } from './box.ts'
import { emptyStrokes, type CanvasDocument } from './document.ts'
import { bytesOfPacked, packTile, packTileOf, unpackTileInto, type PackedTile } from './pack-tile.ts'
import { bytesOfSurface, packSurface, unpackSurface, type PackedSurface } from './packed-surface.ts'
import { boxOfTile, depthOf, isSameTile, readTile, tilesOf, type TileContent } from './tiles.ts'

const STEPS_KEPT = 64
const MAX_BYTES = 96 * 1024 * 1024
/** 64 steps that each changed all of a large picture into noise are more than a page can hold. */
const LAST_STEPS_FACTOR = 2

export type PlaneName = 'mask' | 'strokes'

/** What was touched since the mark, as it was then. */
interface Gesture {
  tiles: Record<PlaneName, Map<number, TileContent>>
  frame: Box | null
}

export interface Step {
  /** With `revision` it names what the step holds: each time it is undone or redone, that is something else. */
  id: number
  revision: number
  tiles: Record<PlaneName, Map<number, PackedTile>>
  /** The other frame, when the step exchanged it. */
  frame: Box | null
  /** The other document, when the step exchanged the picture; then the step is nothing else. */
  surface: PackedSurface | null
}

/** The next to be undone, or to be done again, is the last of its list. */
export interface Past {
  done: readonly Step[]
  undone: readonly Step[]
}

/** What undoing or redoing did. */
export interface Restored {
  boxes: Record<PlaneName, Box[]>
  isFrame: boolean
  isSurface: boolean
}

export interface History {
  readonly canUndo: boolean
  readonly canRedo: boolean
  readonly isInGesture: boolean
  readonly bytes: number
  readonly past: Past
  mark(): void
  /** To be called before the bytes of the box are changed. */
  touch(plane: PlaneName, box: Box): void
  /** To be called before the frame is exchanged. */
  touchFrame(): void
  /** Exchanges picture, mask, strokes and frame, as a gesture of its own. */
  replace(next: CanvasDocument): void
  /** Ends the gesture; what it left unchanged is forgotten, and a gesture that changed nothing is no step. */
  commit(): void
  /** Puts everything back to the mark. */
  bail(): Restored
  undo(): Restored
  redo(): Restored
}

export interface HistoryOptions {
  maxBytes?: number
  /** Of the document as it is: what was kept of it elsewhere, and checked. */
  past?: Past
}

export function createHistory(document: CanvasDocument, { maxBytes = MAX_BYTES, past }: HistoryOptions = {}): History {
  const done = [...(past?.done ?? [])]
  let undone = [...(past?.undone ?? [])]
  let gesture: Gesture | null = null
  let nextId = Math.max(0, ...[...done, ...undone].map(({ id }) => id)) + 1

  function push(changes: Omit<Step, 'id' | 'revision'>): void {
    undone = []
    done.push({ ...changes, id: nextId++, revision: 0 })
    let bytes = sumOf(done)
    while (done.length > 1) {
      if (bytes <= (done.length > STEPS_KEPT ? maxBytes : maxBytes * LAST_STEPS_FACTOR)) break
      const [oldest] = done.splice(0, 1)
      bytes -= oldest === undefined ? 0 : bytesOfStep(oldest)
    }
  }

  function current(): Gesture {
    if (gesture === null) throw new Error('The canvas is changed outside a gesture.')
    return gesture
  }

  /** Exchanges what the next step holds with what is there, and lays the step on the other pile. */
  function travel(from: Step[], to: Step[]): Restored {
    const step = from.pop()
    if (step === undefined) return nothingRestored()
    to.push(step)
    step.revision += 1
    return exchange(step, document)
  }

  return {
    get canUndo() {
      return done.length > 0
    },
    get canRedo() {
      return undone.length > 0
    },
    get isInGesture() {
      return gesture !== null
    },
    get bytes() {
      return sumOf(done) + sumOf(undone)
    },
    get past() {
      return { done, undone }
    },
    mark() {
      gesture = { tiles: { mask: new Map(), strokes: new Map() }, frame: null }
    },
    touch(name, box) {
      const tiles = current().tiles[name]
      const plane = name === 'mask' ? document.mask : (document.strokes ??= emptyStrokes(document.mask))
      for (const tile of tilesOf(box, plane.width)) if (!tiles.has(tile)) tiles.set(tile, readTile(plane, tile))
    },
    touchFrame() {
      current().frame ??= document.frame
    },
    replace(next) {
      const surface = packSurface(document)
      Object.assign(document, next)
      push({ tiles: { mask: new Map(), strokes: new Map() }, frame: null, surface })
    },
    commit() {
      if (gesture === null) return
      const changes = changesOf(gesture, document)
      gesture = null
      if (changes.tiles.mask.size > 0 || changes.tiles.strokes.size > 0 || changes.frame !== null) push(changes)
    },
    bail() {
      const begun = gesture
      gesture = null
      return begun === null
        ? nothingRestored()
        : exchange({ ...changesOf(begun, document), id: 0, revision: 0 }, document)
    },
    undo: () => travel(done, undone),
    redo: () => travel(undone, done),
  }
}

function nothingRestored(): Restored {
  return { boxes: { mask: [], strokes: [] }, isFrame: false, isSurface: false }
}

/** Exchanges what the step holds with what is there. */
function exchange(step: Step, document: CanvasDocument): Restored {
  const restored = nothingRestored()
  if (step.surface !== null) {
    const other = packSurface(document)
    Object.assign(document, unpackSurface(step.surface))
    step.surface = other
    return { ...restored, isSurface: true }
  }
  if (step.tiles.strokes.size > 0) document.strokes ??= emptyStrokes(document.mask)
  for (const name of ['mask', 'strokes'] as const) {
    const plane = document[name]
    if (plane === null) continue
    for (const [tile, content] of step.tiles[name]) {
      step.tiles[name].set(tile, packTileOf(plane, tile))
      unpackTileInto(plane, tile, content)
      restored.boxes[name].push(boxOfTile(tile, plane))
    }
  }
  if (step.frame !== null) {
    ;[document.frame, step.frame] = [step.frame, document.frame]
    restored.isFrame = true
  }
  return restored
}

function changesOf({ tiles, frame }: Gesture, document: CanvasDocument): Omit<Step, 'id' | 'revision'> {
  const changed = (name: PlaneName): Map<number, PackedTile> => {
    const plane = document[name]
    const kept = new Map<number, PackedTile>()
    if (plane === null) return kept
    for (const [tile, was] of tiles[name]) {
      if (!isSameTile(was, readTile(plane, tile))) kept.set(tile, packTile(was, depthOf(plane)))
    }
    return kept
  }
  return {
    tiles: { mask: changed('mask'), strokes: changed('strokes') },
    frame: frame !== null && isSameBox(frame, document.frame) ? null : frame,
    surface: null,
  }
}

export function bytesOfStep({ tiles, surface }: Step): number {
  let bytes = surface === null ? 0 : bytesOfSurface(surface)
  for (const content of [...tiles.mask.values(), ...tiles.strokes.values()]) bytes += bytesOfPacked(content)
  return bytes
}

function sumOf(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => sum + bytesOfStep(step), 0)
}
