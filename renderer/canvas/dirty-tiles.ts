/**
 * Which squares of a document changed since somebody last took them: whoever keeps a copy elsewhere (the storage, the
 * thread that plans) is sent these and not the whole, which for a large picture is megabytes a stroke.
 */
import { emptyMask, type GreyMask } from '#contract/mask/grey-mask'
import type { Size } from './box.ts'
import type { Editor } from './editor.ts'
import type { PlaneName } from './history.ts'
import { countTiles, readTile, tilesOf, writeTile, type TileContent } from './tiles.ts'

export type ChangedTiles = Readonly<Record<PlaneName, ReadonlyMap<number, TileContent>>>

export interface DirtyTiles {
  markAll(): void
  /** What is there now of all that changed; `isWhole`: what was taken before is of another picture. */
  take(): { tiles: ChangedTiles; isWhole: boolean }
  stop(): void
}

/** Of a plane that is not named nothing is taken. */
export function trackDirtyTiles(
  { document, onChange }: Pick<Editor, 'document' | 'onChange'>,
  planes: readonly PlaneName[],
): DirtyTiles {
  const dirty: Record<PlaneName, Set<number>> = { mask: new Set(), strokes: new Set() }
  let isWhole = false

  function markAll(): void {
    isWhole = true
    for (const plane of planes) {
      const count = document[plane] === null ? 0 : countTiles(document.mask)
      dirty[plane] = new Set(Array.from({ length: count }, (_, tile) => tile))
    }
  }

  function takePlane(name: PlaneName): Map<number, TileContent> {
    const plane = planes.includes(name) ? document[name] : null
    const taken = new Map<number, TileContent>()
    if (plane !== null) for (const tile of dirty[name]) taken.set(tile, readTile(plane, tile))
    dirty[name].clear()
    return taken
  }

  const stop = onChange(change => {
    if (change.kind === 'surface') markAll()
    else if (change.kind === 'mask' || change.kind === 'strokes') {
      for (const tile of tilesOf(change.box, document.mask.width)) dirty[change.kind].add(tile)
    }
  })

  return {
    markAll,
    take() {
      const taken = { tiles: { mask: takePlane('mask'), strokes: takePlane('strokes') }, isWhole }
      isWhole = false
      return taken
    },
    stop,
  }
}

export interface MaskUpdate extends Size {
  tiles: ReadonlyMap<number, TileContent>
  isWhole: boolean
}

/** A copy of a mask that is kept by updates; each call returns the same mask, brought up to date. */
export function createMaskMirror(): (update: MaskUpdate) => GreyMask {
  let mask = emptyMask(0, 0)
  return ({ width, height, tiles, isWhole }) => {
    if (isWhole) mask = emptyMask(width, height)
    for (const [tile, content] of tiles) writeTile(mask, tile, content)
    return mask
  }
}
