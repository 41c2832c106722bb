/**
 * Undo and redo of a canvas. A gesture begins with a mark and ends as one step or, bailed out, as if it had never been;
 * in between whoever is about to change the mask says where. A step holds what was there before: undoing swaps it with
 * what is there now, so that one copy serves both ways. The oldest steps go when memory is short, but 64 always stay.
 */
import type { Box, GreyMask } from '#contract/mask/grey-mask'
import type { CanvasDocument } from './document.ts'
import { boxOfTile, bytesOfTile, isSameTile, readTile, tilesOf, writeTile, type TileContent } from './tiles.ts'

const STEPS_KEPT = 64
const MAX_BYTES = 192 * 1024 * 1024

interface Step {
  tiles: Map<number, TileContent>
  /** The other base picture, when the step exchanged it. */
  base: string | null
}

export interface History {
  readonly canUndo: boolean
  readonly canRedo: boolean
  readonly isInGesture: boolean
  readonly bytes: number
  mark(): void
  /** To be called before the pixels of the box are changed. */
  touch(box: Box): void
  /** To be called before the base picture is exchanged. */
  touchBase(): void
  /** Ends the gesture; what it left unchanged is forgotten, and a gesture that changed nothing is no step. */
  commit(): void
  /** Puts everything back to the mark; like undo and redo it gives the squares that changed. */
  bail(): Box[]
  undo(): Box[]
  redo(): Box[]
}

export function createHistory(document: CanvasDocument, { maxBytes = MAX_BYTES } = {}): History {
  const { mask } = document
  const done: Step[] = []
  let undone: Step[] = []
  let gesture: Step | null = null

  /** Exchanges what the step holds with what is there. */
  function swap(step: Step): Box[] {
    for (const [tile, content] of step.tiles) {
      step.tiles.set(tile, readTile(mask, tile))
      writeTile(mask, tile, content)
    }
    if (step.base !== null) [document.base, step.base] = [step.base, document.base]
    return [...step.tiles.keys()].map(tile => boxOfTile(tile, mask))
  }

  function dropOldest(): void {
    while (done.length > STEPS_KEPT && bytesOf(done) + bytesOf(undone) > maxBytes) done.shift()
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
      return bytesOf(done) + bytesOf(undone)
    },
    mark() {
      gesture = { tiles: new Map(), base: null }
    },
    touch(box) {
      if (gesture === null) throw new Error('The mask is changed outside a gesture.')
      for (const tile of tilesOf(box, mask.width)) {
        if (!gesture.tiles.has(tile)) gesture.tiles.set(tile, readTile(mask, tile))
      }
    },
    touchBase() {
      if (gesture === null) throw new Error('The base is changed outside a gesture.')
      gesture.base ??= document.base
    },
    commit() {
      if (gesture === null) return
      const step = changesOf(gesture, mask)
      gesture = null
      if (step.tiles.size === 0 && step.base === null) return
      undone = []
      done.push(step)
      dropOldest()
    },
    bail() {
      const step = gesture
      gesture = null
      return step === null ? [] : swap(step)
    },
    undo() {
      const step = done.pop()
      if (step === undefined) return []
      undone.push(step)
      return swap(step)
    },
    redo() {
      const step = undone.pop()
      if (step === undefined) return []
      done.push(step)
      return swap(step)
    },
  }
}

function changesOf({ tiles, base }: Step, mask: GreyMask): Step {
  return { tiles: new Map([...tiles].filter(([tile, content]) => !isSameTile(content, readTile(mask, tile)))), base }
}

function bytesOf(steps: readonly Step[]): number {
  return steps.flatMap(({ tiles }) => [...tiles.values()].map(bytesOfTile)).reduce((sum, n) => sum + n, 0)
}
