/**
 * Growing and shrinking a mask by a disc: D(p) = max of M within distance r of p. What counts as inside is half or more;
 * softer values beyond it are kept as they are. Beyond the picture's edge there is neither mask nor hole.
 *
 * A row's part of the disc's reach is a union of intervals: a masked pixel g rows away reaches floor(sqrt(r^2 - g^2))
 * to both sides, so two sweeps over the columns and one over the rows do it, whatever r is.
 */
import { invertMask, type GreyMask } from './grey-mask.ts'
import { maxInSquare } from './max-in-square.ts'

const INSIDE = 128

export function growMask(mask: GreyMask, radius: number): GreyMask {
  const { width, height, data } = mask
  const grown = data.slice()
  if (radius === 0) return { width, height, data: grown }
  const rowsAway = distanceInColumns(mask, radius)
  const reach = Int32Array.from({ length: radius + 1 }, (_, g) => Math.floor(Math.sqrt(radius * radius - g * g)))
  const starts = new Int32Array(width + 1) // a difference array: +1 where an interval begins, -1 behind its end
  for (let y = 0; y < height; y++) {
    starts.fill(0)
    for (let x = 0; x < width; x++) {
      const away = rowsAway[y * width + x] ?? 0
      if (away > radius) continue
      const side = reach[away] ?? 0
      add(starts, Math.max(0, x - side), 1)
      add(starts, Math.min(width, x + side + 1), -1)
    }
    let depth = 0
    for (let x = 0; x < width; x++) {
      depth += starts[x] ?? 0
      if (depth > 0) grown[y * width + x] = 255
    }
  }
  return { width, height, data: grown }
}

/** The same for masks whose grey values mean something: each spreads as it is, by a square. */
export function growGreyMask({ width, height, data }: GreyMask, radius: number): GreyMask {
  return { width, height, data: maxInSquare(data, width, height, radius) }
}

export function shrinkMask(mask: GreyMask, radius: number): GreyMask {
  return invertMask(growMask(invertMask(mask), radius))
}

/** Rows to the nearest inside pixel of the same column; anything over `radius` means none within reach. */
function distanceInColumns({ width, height, data }: GreyMask, radius: number): Uint16Array {
  const distance = new Uint16Array(data.length).fill(radius + 1)
  for (let i = 0; i < data.length; i++) {
    if ((data[i] ?? 0) >= INSIDE) distance[i] = 0
    else if (i >= width) distance[i] = Math.min(radius, distance[i - width] ?? radius) + 1
  }
  for (let i = (height - 1) * width - 1; i >= 0; i--) {
    distance[i] = Math.min(distance[i] ?? 0, (distance[i + width] ?? radius) + 1)
  }
  return distance
}

function add(counts: Int32Array, index: number, by: number): void {
  counts[index] = (counts[index] ?? 0) + by
}
