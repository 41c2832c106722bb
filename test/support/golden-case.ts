/** Reads a golden case: a json with settings and a table of arrays, and a bin with float32 values beside it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FloatTensor } from '#pipeline/tensor'

export interface GoldenCase<Settings> {
  settings: Settings
  has(name: string): boolean
  /** The array of this name; throws when the case has none. */
  array(name: string): FloatTensor
}

interface ArrayTable {
  bin: string
  arrays: Record<string, { shape: number[]; offset: number }>
}

export function readGoldenCase<Settings>(folder: string, id: string): GoldenCase<Settings> {
  const json = JSON.parse(readFileSync(join(folder, `${id}.json`), 'utf8')) as Settings & ArrayTable
  const bytes = readFileSync(join(folder, json.bin))
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  return {
    settings: json,
    has: name => json.arrays[name] !== undefined,
    array(name) {
      const entry = json.arrays[name]
      if (entry === undefined) throw new Error(`${id} has no array ${name}`)
      const count = entry.shape.reduce((product, n) => product * n, 1)
      return { dims: entry.shape, data: new Float32Array(buffer, entry.offset, count) }
    },
  }
}

/** Largest absolute difference; NaN counts as infinite. */
export function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Infinity
  let largest = 0
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs((a[i] ?? NaN) - (b[i] ?? NaN))
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Infinity : difference
  }
  return largest
}
