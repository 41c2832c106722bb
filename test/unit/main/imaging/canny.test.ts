import { expect, it } from 'vitest'
import { cannyEdges } from '#imaging/canny'
import type { PixelImage } from '#imaging/pixel-image'

const [width, height] = [40, 30]

function draw(greyAt: (x: number, y: number) => number): PixelImage {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3)
    return greyAt(pixel % width, Math.floor(pixel / width))
  })
  return { width, height, channels: 3, data }
}

function edgesOf(image: PixelImage): [number, number][] {
  const { data } = cannyEdges(image)
  return Array.from({ length: width * height }, (_, i) => i)
    .filter(i => data[i * 3] === 255)
    .map(i => [i % width, Math.floor(i / width)])
}

it('finds nothing in a picture of one colour', () => {
  expect(edgesOf(draw(() => 90))).toEqual([])
})

it('draws a step as one line of one pixel, where the step is', () => {
  const edges = edgesOf(draw(x => (x < 20 ? 20 : 220)))
  expect(edges).toHaveLength(height)
  expect(new Set(edges.map(([x]) => x)).size).toBe(1)
  expect([19, 20]).toContain(edges[0][0])
})

it('draws the outline of a rectangle on all four sides and nothing inside', () => {
  const edges = edgesOf(draw((x, y) => (x >= 10 && x < 30 && y >= 8 && y < 22 ? 230 : 10)))
  const isNear = (value: number, sides: number[]): boolean => sides.some(side => Math.abs(value - side) <= 1)
  expect(edges.filter(([x, y]) => !isNear(x, [10, 29]) && !isNear(y, [8, 21]))).toEqual([])
  for (const [x, y] of [
    [20, 8],
    [20, 21],
  ])
    expect(edges.some(e => e[0] === x && Math.abs(e[1] - y) <= 1)).toBe(true)
  for (const [x, y] of [
    [10, 15],
    [29, 15],
  ])
    expect(edges.some(e => Math.abs(e[0] - x) <= 1 && e[1] === y)).toBe(true)
})

it('keeps a faint stretch of an edge that goes on from a strong one, and drops a faint edge alone', () => {
  const faint = edgesOf(draw(x => (x < 20 ? 100 : 160)))
  expect(faint).toEqual([])
  const fading = edgesOf(draw((x, y) => (x < 20 ? 20 : 220 - 4 * y)))
  expect(fading).toHaveLength(height)
})

it('finds a diagonal as one chain', () => {
  const edges = edgesOf(draw((x, y) => (x - y > 5 ? 220 : 20)))
  for (const [x, y] of edges) expect(Math.abs(x - y - 5.5)).toBeLessThanOrEqual(1.5)
  expect(edges.length).toBeGreaterThanOrEqual(height - 2)
})
