/** The sums of weights and LoRAs as ONNX Runtime forms them, against the same sums written out. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { GraphWriter } from '#graph/checkpoint/graph-writer'
import type { LowRank, StoredTensor } from '#graph/checkpoint/weights'
import { withFileSource } from '#graph/byte-source'
import { readSafetensorsHeader } from '#graph/safetensors'
import { createOrtSession } from '#pipeline/ort-session'
import { toSafetensors, type FloatArray } from '#test/safetensors'
import { scratchFolder } from '#test/scratch-folder'

/** Small numbers that float16 and bfloat16 hold exactly. */
function numbers(seed: number, ...dims: number[]): FloatArray & { data: Float32Array } {
  const size = dims.reduce((product, side) => product * side, 1)
  return { dims, data: Float32Array.from({ length: size }, (_, i) => (((i * 7 + seed * 5) % 13) - 6) / 4) }
}

const asHalf = ({ dims, data }: { dims: readonly number[]; data: Float32Array }): FloatArray => ({
  dims,
  data: new Uint16Array(Float16Array.from(data).buffer),
  dtype: 'F16',
})
const asBrain = ({ dims, data }: { dims: readonly number[]; data: Float32Array }): FloatArray => ({
  dims,
  data: Uint16Array.from(new Uint32Array(data.slice().buffer), bits => bits >>> 16),
  dtype: 'BF16',
})

async function store(arrays: Record<string, FloatArray>): Promise<(name: string) => StoredTensor> {
  const file = join(await scratchFolder(), 'weights.safetensors')
  await writeFile(file, toSafetensors(arrays))
  const header = await withFileSource(file, 'weights', readSafetensorsHeader)
  return name => {
    const tensor = header.get(name)
    if (tensor === undefined) throw new Error(name)
    return { ...tensor, name, file }
  }
}

async function valuesOf(tensor: StoredTensor, dims = tensor.dims): Promise<number[]> {
  const g = new GraphWriter()
  g.output('sum', g.op('Add', [g.weight(tensor, dims), g.input('zero', 'float32', [])]), dims)
  const session = await createOrtSession('sum.onnx', { threads: 1, weightBytes: 0, write: () => g.finish() })
  try {
    const { sum } = await session.run({ zero: { dtype: 'float32', dims: [], data: new Float32Array(1) } })
    expect(sum?.dims).toEqual(dims)
    return [...(sum?.data as Float32Array)]
  } finally {
    await session.release()
  }
}

/** up down, for a kernel of so many pixels. */
function product(up: Float32Array, down: Float32Array, rank: number): number[] {
  const [rows, columns] = [up.length / rank, down.length / rank]
  return Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns]
    let sum = 0
    for (let r = 0; r < rank; r++) sum += (up[row * rank + r] ?? 0) * (down[r * columns + column] ?? 0)
    return sum
  })
}

it('several LoRAs of different ranks and types are added to a matrix, each with its scale', async () => {
  const [base, up1, down1, up2, down2] = [
    numbers(1, 3, 5),
    numbers(2, 3, 2),
    numbers(3, 2, 5),
    numbers(4, 3, 1),
    numbers(5, 1, 5),
  ]
  const of = await store({ base: asHalf(base), up1: asHalf(up1), down1, up2: asBrain(up2), down2: asBrain(down2) })
  const changes: LowRank[] = [
    { up: of('up1'), down: of('down1'), mid: null, scale: 0.5 },
    { up: of('up2'), down: of('down2'), mid: null, scale: -2 },
  ]
  const [first, second] = [product(up1.data, down1.data, 2), product(up2.data, down2.data, 1)]
  const expected = [...base.data].map((value, i) => value + 0.5 * (first[i] ?? 0) - 2 * (second[i] ?? 0))
  expect(await valuesOf({ ...of('base'), changes })).toEqual(expected)
})

it('a convolution gets the kernels of its LoRA', async () => {
  const [base, up, down] = [numbers(1, 4, 2, 3, 3), numbers(2, 4, 2, 1, 1), numbers(3, 2, 2, 3, 3)]
  const of = await store({ base, up, down })
  const changes = [{ up: of('up'), down: of('down'), mid: null, scale: 1 }]
  const sum = product(up.data, down.data, 2)
  expect(await valuesOf({ ...of('base'), changes })).toEqual([...base.data].map((value, i) => value + (sum[i] ?? 0)))
})

it('a kernel between the two matrices is multiplied in', async () => {
  const [base, up, mid, down] = [
    numbers(1, 4, 3, 1, 2),
    numbers(2, 4, 2, 1, 1),
    numbers(3, 2, 2, 1, 2),
    numbers(4, 2, 3, 1, 1),
  ]
  const of = await store({ base, up, mid, down })
  const changes = [{ up: of('up'), down: of('down'), mid: of('mid'), scale: 1 }]
  const expected = [...base.data].map((value, at) => {
    const [o, i, x] = [Math.floor(at / 6), Math.floor(at / 2) % 3, at % 2]
    let sum = value
    for (let a = 0; a < 2; a++)
      for (let b = 0; b < 2; b++)
        sum += (up.data[o * 2 + a] ?? 0) * (mid.data[(a * 2 + b) * 2 + x] ?? 0) * (down.data[b * 3 + i] ?? 0)
    return sum
  })
  expect(await valuesOf({ ...of('base'), changes })).toEqual(expected)
})

it('a matrix that lies the other way round in its file gets the LoRA the other way round', async () => {
  const [base, up, down] = [numbers(1, 5, 3), numbers(2, 3, 2), numbers(3, 2, 5)]
  const of = await store({ base, up, down })
  const changes = [{ up: of('up'), down: of('down'), mid: null, scale: 1 }]
  const sum = product(up.data, down.data, 2) // [3, 5]
  const expected = [...base.data].map((value, i) => value + (sum[(i % 3) * 5 + Math.floor(i / 3)] ?? 0))
  expect(await valuesOf({ ...of('base'), isTransposed: true, changes })).toEqual(expected)
})

it('a convolution of one pixel that is used as a matrix takes the LoRA of a matrix', async () => {
  const [base, up, down] = [numbers(1, 4, 3, 1, 1), numbers(2, 4, 2), numbers(3, 2, 3)]
  const of = await store({ base, up, down })
  const changes = [{ up: of('up'), down: of('down'), mid: null, scale: 1 }]
  const sum = product(up.data, down.data, 2)
  expect(await valuesOf({ ...of('base'), changes }, [4, 3])).toEqual(
    [...base.data].map((value, i) => value + (sum[i] ?? 0)),
  )
})
