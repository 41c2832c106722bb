import { join } from 'node:path'
import { expect, it } from 'vitest'
import { bytesSource, withFileSource } from '#graph/byte-source'
import { findMisreadConvolutions } from '#graph/misread-convolutions'
import * as write from '#test/onnx-writer'

const MODELS = join(import.meta.dirname, '../../../fixtures/models')

function convolution(name: string, weight: string, dims: number[]): write.Bytes[] {
  const inputs = ['x', weight].map(input => write.text(1, input))
  return [
    write.bytes(1, ...inputs, write.text(2, `${name}.out`), write.text(3, name), write.text(4, 'Conv')),
    write.weight(weight, dims),
  ]
}

function find(...parts: write.Bytes[]): Promise<string[]> {
  return findMisreadConvolutions(bytesSource('unet/model.onnx', write.onnx(parts)))
}

it.each([
  ['sd15-inpaint/unet', ['/conv_in/Conv']],
  ['sd15/unet', []],
  ['instruct-pix2pix/unet', []],
  ['sd15-controlnet/controlnet', []],
])('of %s, %j are left to the processor', async (part, expected) => {
  const file = join(MODELS, part, 'model.onnx')
  expect(await withFileSource(file, part, findMisreadConvolutions)).toEqual(expected)
})

it('are those of a multiple of three channels that is none of four, but for three', async () => {
  const all = [3, 4, 5, 6, 7, 8, 9, 12, 15, 24, 27].flatMap(channels =>
    convolution(`of ${channels}`, `w${channels}`, [8, channels, 3, 3]),
  )
  expect(await find(...all)).toEqual(['of 6', 'of 9', 'of 15', 'of 27'])
})

it('are found behind the Cast that widens weights of 16 bits', async () => {
  const cast = write.bytes(1, write.text(1, 'half'), write.text(2, 'wide'), write.text(4, 'Cast'))
  const conv = write.bytes(1, write.text(1, 'x'), write.text(1, 'wide'), write.text(3, 'c'), write.text(4, 'Conv'))
  expect(await find(cast, conv, write.weight('half', [8, 9, 3, 3]))).toEqual(['c'])
})

it('refuse WebGPU for the graph where one has no name', async () => {
  await expect(find(...convolution('', 'w', [8, 9, 3, 3]))).rejects.toMatchObject({
    code: 'device-unavailable',
    details: { file: 'unet/model.onnx' },
  })
})
