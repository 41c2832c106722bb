/** A whole document as it was, in squares: what undoing needs when another picture took its place. */
import { emptyMask, type Box } from '#contract/mask/grey-mask'
import type { Size } from './box.ts'
import { emptyStrokes, type CanvasDocument } from './document.ts'
import { bytesOfPacked, packTileOf, unpackTileInto, type PackedTile } from './pack-tile.ts'
import { countTiles, type Plane } from './tiles.ts'

export interface PackedSurface extends Size {
  base: string
  frame: Box
  mask: PackedTile[]
  strokes: PackedTile[] | null
}

export function packSurface({ base, frame, mask, strokes }: CanvasDocument): PackedSurface {
  const { width, height } = mask
  return { base, frame, width, height, mask: pack(mask), strokes: strokes && pack(strokes) }
}

export function unpackSurface({ base, frame, width, height, mask, strokes }: PackedSurface): CanvasDocument {
  return {
    base,
    frame,
    mask: unpack(mask, emptyMask(width, height)),
    strokes: strokes && unpack(strokes, emptyStrokes({ width, height })),
  }
}

export function bytesOfSurface({ mask, strokes }: PackedSurface): number {
  return [...mask, ...(strokes ?? [])].reduce<number>((sum, content) => sum + bytesOfPacked(content), 0)
}

function pack(plane: Plane): PackedTile[] {
  return Array.from({ length: countTiles(plane) }, (_, tile) => packTileOf(plane, tile))
}

function unpack<P extends Plane>(contents: readonly PackedTile[], plane: P): P {
  contents.forEach((content, tile) => {
    if (content !== 0) unpackTileInto(plane, tile, content)
  })
  return plane
}
