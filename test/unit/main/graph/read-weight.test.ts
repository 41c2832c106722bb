import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readWeight } from '#graph/read-weight'
import * as write from '#test/onnx-writer'
import { scratchFolder } from '#test/scratch-folder'

const VALUES = Float32Array.of(1, -2.5, 3, 0.25, 5, 6)
const RAW = new Uint8Array(VALUES.buffer)

function valuesOf(bytes: Uint8Array | undefined): number[] | null {
  return bytes === undefined ? null : [...new Float32Array(bytes.slice().buffer)]
}

function weight(name: string, dataField: number): Uint8Array {
  return write.bytes(
    5,
    write.number(1, 2),
    write.number(1, 3),
    write.number(2, 1),
    write.text(8, name),
    write.bytes(dataField, RAW),
  )
}

describe('a single weight of a graph', () => {
  it.each([
    ['raw bytes', 9],
    ['packed floats', 4],
  ])('is read from the file itself, written as %s', async (_, field) => {
    const file = join(await scratchFolder(), 'model.onnx')
    await writeFile(file, write.onnx([write.weight('first.bias', [5]), weight('norm.weight', field)]))
    const found = await readWeight(file, /norm\.weight$/)
    expect(found).toMatchObject({ dtype: 'float32', dims: [2, 3] })
    expect(valuesOf(found?.bytes)).toEqual([...VALUES])
  })

  it('is read from the file beside it, at its place there', async () => {
    const folder = await scratchFolder()
    await writeFile(join(folder, 'model.onnx_data'), Buffer.concat([Buffer.alloc(16, 7), RAW, Buffer.alloc(9, 7)]))
    const graph = write.onnx([write.externalWeight('norm.weight', [2, 3], 'model.onnx_data', 16, RAW.length)])
    await writeFile(join(folder, 'model.onnx'), graph)
    expect(valuesOf((await readWeight(join(folder, 'model.onnx'), /norm\.weight$/))?.bytes)).toEqual([...VALUES])
  })

  it('is null where no name fits', async () => {
    const file = join(await scratchFolder(), 'model.onnx')
    await writeFile(file, write.onnx([weight('norm.weight', 9)]))
    expect(await readWeight(file, /norm\.bias$/)).toBeNull()
  })
})
