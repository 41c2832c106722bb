/**
 * Fills the holes of a field of colours from what surrounds them, by push and pull (Gortler et al. 1996, "The Lumigraph",
 * section 3.4.1): means of the known pixels on ever coarser grids, and back, each hole taking the mean of the grid above.
 */
export interface ColourSums {
  width: number
  height: number
  /** Four numbers a pixel: red, green, blue times weight, and weight; 0 is a hole. */
  sums: Float32Array
}

/** Changes and returns `field`; where nothing at all is known, the holes stay. */
export function drawIn(field: ColourSums): ColourSums {
  const levels = [field]
  for (let level = field; level.width > 1 || level.height > 1; levels.push(level)) level = coarser(level)
  for (let i = levels.length - 2; i >= 0; i--) fillHoles(levels[i], levels[i + 1])
  return field
}

function coarser({ width, height, sums }: ColourSums): ColourSums {
  const half = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) }
  const halfSums = new Float32Array(half.width * half.height * 4)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = ((y >> 1) * half.width + (x >> 1)) * 4
      for (let c = 0, from = (y * width + x) * 4; c < 4; c++) halfSums[to + c] += sums[from + c]
    }
  }
  return { ...half, sums: halfSums }
}

/** A pixel that nothing is known of takes the mean of the four coarse ones around it. */
function fillHoles({ width, height, sums }: ColourSums, above: ColourSums): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = (y * width + x) * 4
      if (sums[to + 3] > 0) continue
      const [wx, wy] = [x % 2 === 0 ? -1 : 1, y % 2 === 0 ? -1 : 1]
      for (const [dx, dy, weight] of [
        [0, 0, 9],
        [wx, 0, 3],
        [0, wy, 3],
        [wx, wy, 1],
      ]) {
        const [ax, ay] = [clamp((x >> 1) + dx, above.width), clamp((y >> 1) + dy, above.height)]
        const from = (ay * above.width + ax) * 4
        const known = above.sums[from + 3]
        if (known === 0) continue
        for (let c = 0; c < 4; c++) sums[to + c] += (weight * above.sums[from + c]) / known
      }
    }
  }
}

function clamp(i: number, length: number): number {
  return Math.min(Math.max(i, 0), length - 1)
}
