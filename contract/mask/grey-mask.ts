/** A mask as the page paints it and the engine reads it: one byte a pixel, rows from the top; 255 is repainted, 0 kept. */
export interface GreyMask {
  width: number
  height: number
  data: Uint8Array
}

export interface Box {
  left: number
  top: number
  /** Exclusive, as is `bottom`. */
  right: number
  bottom: number
}

export function emptyMask(width: number, height: number): GreyMask {
  return { width, height, data: new Uint8Array(width * height) }
}

export function invertMask({ width, height, data }: GreyMask): GreyMask {
  return { width, height, data: data.map(value => 255 - value) }
}

/** Full wherever the mask is anything but 0. */
export function anywhereIn({ width, height, data }: GreyMask): GreyMask {
  return { width, height, data: data.map(value => (value === 0 ? 0 : 255)) }
}

/** What is painted inside the box, which may reach beyond the mask; 0 elsewhere. */
export function keepInside({ width, height, data }: GreyMask, { left, top, right, bottom }: Box): GreyMask {
  const inside = emptyMask(width, height)
  const [from, to] = [Math.max(0, left), Math.min(width, right)]
  for (let y = Math.max(0, top); y < Math.min(height, bottom) && from < to; y++) {
    inside.data.set(data.subarray(y * width + from, y * width + to), y * width + from)
  }
  return inside
}

/** Bounds of the pixels that are not 0; null when all are. */
export function boundsOf({ width, height, data }: GreyMask): Box | null {
  let [left, top, right, bottom] = [width, height, 0, 0]
  for (let y = 0; y < height; y++) {
    const row = data.subarray(y * width, (y + 1) * width)
    const first = row.findIndex(value => value !== 0)
    if (first === -1) continue
    left = Math.min(left, first)
    right = Math.max(right, row.findLastIndex(value => value !== 0) + 1)
    top = Math.min(top, y)
    bottom = y + 1
  }
  return right === 0 ? null : { left, top, right, bottom }
}
