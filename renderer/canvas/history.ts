/**
 * Undo and redo of a canvas. A gesture begins with a mark and ends as one step or, bailed out, as if it had never been;
 * in between whoever is about to change the document says what. A step holds what was there before: undoing swaps it
 * with what is there now, so that one copy serves both ways. The oldest steps go when memory is short: beyond 64 steps
 * early, and of these 64 only when even they would take too much.
 */
import type { Box } from '#contract/mask/grey-mask'
import { isSameBox } from './box.ts'
import { emptyStrokes, type CanvasDocument } from './document.ts'
import { bytesOfSurface, packSurface, unpackSurface, type PackedSurface } from './packed-surface.ts'
import { boxOfTile, bytesOfTile, isSameTile, readTile, tilesOf, writeTile, type TileContent } from './tiles.ts'

const STEPS_KEPT = 64
const MAX_BYTES = 192 * 1024 * 1024
/** 64 steps that each changed all of a large picture into noise are more than a page can hold. */
const LAST_STEPS_FACTOR = 2

export type PlaneName = 'mask' | 'strokes'
type Tiles = Map<number, TileContent>

interface Step {
  tiles: Record<PlaneName, Tiles>
  /** The other frame, when the step exchanged it. */
  frame: Box | null
  /** The other document, when the step exchanged the picture; then the step is nothing else. */
  surface: PackedSurface | null
  bytes: number
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

export function createHistory(document: CanvasDocument, { maxBytes = MAX_BYTES } = {}): History {
  const done: Step[] = []
  let undone: Step[] = []
  let gesture: Step | null = null

  const swap = (step: Step | null | undefined): Restored =>
    step === null || step === undefined ? nothingRestored() : exchange(step, document)

  function push(step: Step): void {
    undone = []
    done.push({ ...step, bytes: bytesOf(step) })
    let bytes = sumOf(done)
    while (done.length > 1) {
      if (bytes <= (done.length > STEPS_KEPT ? maxBytes : maxBytes * LAST_STEPS_FACTOR)) break
      bytes -= done.shift()?.bytes ?? 0
    }
  }

  function current(): Step {
    if (gesture === null) throw new Error('The canvas is changed outside a gesture.')
    return gesture
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
    mark() {
      gesture = emptyStep()
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
      push({ ...emptyStep(), surface })
    },
    commit() {
      if (gesture === null) return
      const step = changesOf(gesture, document)
      gesture = null
      if (step.tiles.mask.size > 0 || step.tiles.strokes.size > 0 || step.frame !== null) push(step)
    },
    bail() {
      const step = gesture
      gesture = null
      return swap(step)
    },
    undo() {
      const step = done.pop()
      if (step !== undefined) undone.push(step)
      return swap(step)
    },
    redo() {
      const step = undone.pop()
      if (step !== undefined) done.push(step)
      return swap(step)
    },
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
    step.bytes = bytesOf(step)
    return { ...restored, isSurface: true }
  }
  for (const name of ['mask', 'strokes'] as const) {
    const plane = document[name]
    if (plane === null) continue
    for (const [tile, content] of step.tiles[name]) {
      step.tiles[name].set(tile, readTile(plane, tile))
      writeTile(plane, tile, content)
      restored.boxes[name].push(boxOfTile(tile, plane))
    }
  }
  if (step.frame !== null) {
    ;[document.frame, step.frame] = [step.frame, document.frame]
    restored.isFrame = true
  }
  step.bytes = bytesOf(step)
  return restored
}

function emptyStep(): Step {
  return { tiles: { mask: new Map(), strokes: new Map() }, frame: null, surface: null, bytes: 0 }
}

function changesOf(step: Step, document: CanvasDocument): Step {
  const changed = (name: PlaneName): Tiles => {
    const plane = document[name]
    return new Map([...step.tiles[name]].filter(([tile, was]) => plane && !isSameTile(was, readTile(plane, tile))))
  }
  const frame = step.frame !== null && isSameBox(step.frame, document.frame) ? null : step.frame
  return { ...step, tiles: { mask: changed('mask'), strokes: changed('strokes') }, frame }
}

function bytesOf({ tiles, surface }: Step): number {
  let bytes = surface === null ? 0 : bytesOfSurface(surface)
  for (const content of [...tiles.mask.values(), ...tiles.strokes.values()]) bytes += bytesOfTile(content)
  return bytes
}

function sumOf(steps: readonly Step[]): number {
  return steps.reduce((sum, { bytes }) => sum + bytes, 0)
}
