/**
 * Squares that are kept for undoing, as runs of equal bytes (the PackBits scheme of TIFF 6.0, section 9): a control byte n
 * of 0..127 is followed by n + 1 bytes as they are, one of 129..255 by one byte that stands 257 - n times. Pixels of
 * several bytes are taken apart by byte first, so that one colour with a soft edge is long runs and one short ramp. A
 * square that a brush went through takes about a third of its bytes.
 */
import { bytesOfWholeTile, depthOf, readTile, writeTile, type Plane, type TileContent } from './tiles.ts'

/** One value for all of it, or its runs. */
export type PackedTile = number | { packed: Uint8Array }

const LONGEST = 128
/** Two equal bytes cost as much as a run of them; three are shorter as one. */
const SHORTEST_RUN = 3

export function packTileOf(plane: Plane, tile: number): PackedTile {
  return packTile(readTile(plane, tile), depthOf(plane))
}

export function unpackTileInto(plane: Plane, tile: number, packed: PackedTile): void {
  writeTile(plane, tile, unpackTile(packed, bytesOfWholeTile(plane, tile), depthOf(plane)))
}

/** `depth`: bytes a pixel. */
export function packTile(content: TileContent, depth: number): PackedTile {
  if (typeof content === 'number') return content
  const bytes = depth === 1 ? content : takeApart(content, depth)
  const packed = new Uint8Array(content.length + Math.ceil(content.length / LONGEST) + 1)
  let length = 0
  let literal = 0 // where the bytes begin that are in no run
  const writeLiterals = (end: number): void => {
    for (let from = literal; from < end; from += LONGEST) {
      const part = bytes.subarray(from, Math.min(end, from + LONGEST))
      packed[length++] = part.length - 1
      packed.set(part, length)
      length += part.length
    }
  }
  for (let i = 0; i < bytes.length;) {
    const run = runAt(bytes, i)
    if (run >= SHORTEST_RUN) {
      writeLiterals(i)
      packed[length++] = 257 - run
      packed[length++] = bytes[i] ?? 0
      literal = i + run
    }
    i += run
  }
  writeLiterals(bytes.length)
  return { packed: packed.slice(0, length) }
}

/** Throws when the runs do not make exactly `size` bytes. */
export function unpackTile(tile: PackedTile, size: number, depth: number): TileContent {
  if (typeof tile === 'number') return tile
  const { packed } = tile
  if (unpackedLength(packed) !== size) throw new RangeError(`A packed square does not have ${size} bytes.`)
  const bytes = new Uint8Array(size)
  for (let from = 0, to = 0; from < packed.length;) {
    const control = packed[from++] ?? 0
    const count = countOf(control)
    if (control < LONGEST) {
      bytes.set(packed.subarray(from, from + count), to)
      from += count
    } else bytes.fill(packed[from++] ?? 0, to, to + count)
    to += count
  }
  return depth === 1 ? bytes : putTogether(bytes, depth)
}

/** How many bytes the runs make; null when the last one is cut off: what comes from a storage may be damaged. */
export function unpackedLength(packed: Uint8Array): number | null {
  let [from, length] = [0, 0]
  while (from < packed.length) {
    const control = packed[from] ?? 0
    length += countOf(control)
    from += control < LONGEST ? countOf(control) + 1 : 2
  }
  return from === packed.length ? length : null
}

function countOf(control: number): number {
  return control < LONGEST ? control + 1 : 257 - control
}

export function bytesOfPacked(tile: PackedTile): number {
  return typeof tile === 'number' ? 8 : tile.packed.length
}

function runAt(bytes: Uint8Array, start: number): number {
  const end = Math.min(bytes.length, start + LONGEST)
  let i = start + 1
  while (i < end && bytes[i] === bytes[start]) i++
  return i - start
}

/** All first bytes, then all second ones, and so on. */
function takeApart(bytes: Uint8Array, depth: number): Uint8Array {
  const pixels = bytes.length / depth
  const apart = new Uint8Array(bytes.length)
  for (let c = 0, to = 0; c < depth; c++) {
    for (let pixel = 0; pixel < pixels; pixel++) apart[to++] = bytes[pixel * depth + c] ?? 0
  }
  return apart
}

function putTogether(apart: Uint8Array, depth: number): Uint8Array {
  const pixels = apart.length / depth
  const bytes = new Uint8Array(apart.length)
  for (let c = 0, from = 0; c < depth; c++) {
    for (let pixel = 0; pixel < pixels; pixel++) bytes[pixel * depth + c] = apart[from++] ?? 0
  }
  return bytes
}
