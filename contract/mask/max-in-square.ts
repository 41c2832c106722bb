/**
 * The highest value within a square around every pixel, in a time that does not depend on the square's size: rows first,
 * then columns, each with a queue of positions whose values fall. Outside of the picture there is nothing.
 */

/** 2 * `reach` + 1 pixels to a side; a new array. */
export function maxInSquare(values: Uint8Array, width: number, height: number, reach: number): Uint8Array {
  const alongRows = maxAlong(values, { lines: height, length: width, lineStride: width, stride: 1 }, reach)
  return maxAlong(alongRows, { lines: width, length: height, lineStride: 1, stride: width }, reach)
}

interface Lines {
  lines: number
  length: number
  lineStride: number
  stride: number
}

function maxAlong(values: Uint8Array, { lines, length, lineStride, stride }: Lines, reach: number): Uint8Array {
  const result = new Uint8Array(values.length)
  const queue = new Int32Array(length) // the first is the maximum of the window
  for (let line = 0; line < lines; line++) {
    const start = line * lineStride
    const at = (i: number): number => values[start + i * stride] ?? 0
    let [head, tail] = [0, 0]
    for (let i = 0; i < length + reach; i++) {
      if (i < length) {
        while (tail > head && at(queue[tail - 1] ?? 0) <= at(i)) tail--
        queue[tail++] = i
      }
      const centre = i - reach
      if (centre < 0) continue
      while ((queue[head] ?? 0) < centre - reach) head++
      result[start + centre * stride] = at(queue[head] ?? 0)
    }
  }
  return result
}
