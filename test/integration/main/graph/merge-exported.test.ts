/** LoRAs in exports as the torch exporter writes them, in float32 and float16, against the same sums written out. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addLorasToExport } from '#engine/export-loras'
import { createOrtSession } from '#pipeline/ort-session'
import type { ModelPart } from '#pipeline/model-files'
import { toFloat32, toTensor } from '#pipeline/tensor-cast'
import { bytes, number, onnx, text, value, type Bytes } from '#test/onnx-writer'
import { toSafetensors } from '#test/safetensors'
import { scratchFolder } from '#test/scratch-folder'

const QUERY = 'mid_block.attentions.0.transformer_blocks.0.attn1.to_q'
const CONV = 'mid_block.resnets.0.conv1'
const NODE = '/mid_block/attentions.0/transformer_blocks.0/attn1/to_q/MatMul'
const [IN, OUT, CHANNELS, SIDE] = [40, 30, 3, 3]

/** Quarters: sums and products of a few are exact in float16. */
const numbers = (size: number, seed: number): Float32Array =>
  Float32Array.from({ length: size }, (_, i) => (((i * 7 + seed * 5) % 9) - 4) / 4)

const TYPES = { float32: 1, float16: 10 } as const
type FloatType = keyof typeof TYPES

const MATRIX = numbers(IN * OUT, 1)
const KERNEL = numbers(CHANNELS * CHANNELS * SIDE * SIDE, 2)
const [UP, DOWN] = [numbers(OUT, 3), numbers(IN, 4)]
const [CONV_UP, CONV_DOWN] = [numbers(CHANNELS, 5), numbers(CHANNELS * SIDE * SIDE, 6)]

function initializer(name: string, dims: readonly number[], data: Float32Array, type: FloatType): Bytes {
  const raw = type === 'float16' ? new Uint8Array(Float16Array.from(data).buffer) : new Uint8Array(data.buffer)
  return bytes(5, ...dims.map(n => number(1, n)), number(2, TYPES[type]), text(8, name), bytes(9, raw))
}

/** The rows of a matrix and the kernels of a convolution are what comes out: they are fed units. */
async function writeExport(type: FloatType, name: string): Promise<ModelPart> {
  const kind = TYPES[type]
  const graph = join(await scratchFolder(), 'model.onnx')
  const parts = [
    bytes(1, text(1, 'x'), text(1, 'onnx::MatMul_1'), text(2, 'y'), text(3, name), text(4, 'MatMul')),
    bytes(
      1,
      text(1, 'p'),
      text(1, `${CONV}.weight`),
      text(2, 'q'),
      text(3, `/mid_block/resnets.0/conv1/Conv`),
      text(4, 'Conv'),
    ),
    initializer('onnx::MatMul_1', [IN, OUT], MATRIX, type),
    initializer(`${CONV}.weight`, [CHANNELS, CHANNELS, SIDE, SIDE], KERNEL, type),
    value(11, { name: 'x', type: kind, shape: ['rows', IN] }),
    value(11, { name: 'p', type: kind, shape: ['rows', CHANNELS, SIDE, SIDE] }),
    value(12, { name: 'y', type: kind, shape: ['rows', OUT] }),
    value(12, { name: 'q', type: kind, shape: ['rows', CHANNELS, 1, 1] }),
  ]
  await writeFile(graph, onnx([text(2, 'main'), ...parts]))
  return { name: 'unet', graph, config: null, halvings: null, weightBytes: 0 }
}

async function writeLora(): Promise<string> {
  const file = join(await scratchFolder(), 'mine.safetensors')
  await writeFile(
    file,
    toSafetensors({
      [`unet.${QUERY}.lora_A.weight`]: { dims: [1, IN], data: DOWN },
      [`unet.${QUERY}.lora_B.weight`]: { dims: [OUT, 1], data: UP },
      [`unet.${CONV}.lora_A.weight`]: { dims: [1, CHANNELS, SIDE, SIDE], data: CONV_DOWN },
      [`unet.${CONV}.lora_B.weight`]: { dims: [CHANNELS, 1, 1, 1], data: CONV_UP },
    }),
  )
  return file
}

async function weightsOf({ graph, write }: ModelPart, type: FloatType) {
  const session = await createOrtSession(graph, { threads: 1, weightBytes: 1, write })
  const unit = (size: number) => Float32Array.from({ length: size ** 2 }, (_, i) => (i % (size + 1) === 0 ? 1 : 0))
  const pixels = CHANNELS * SIDE * SIDE
  try {
    const { y, q } = await session.run({
      x: toTensor(unit(IN), [IN, IN], type),
      p: toTensor(unit(pixels), [pixels, CHANNELS, SIDE, SIDE], type),
    })
    if (y === undefined || q === undefined) throw new Error('no outputs')
    return { matrix: [...toFloat32(y)], kernel: [...toFloat32(q)] }
  } finally {
    await session.release()
  }
}

describe.each(['float32', 'float16'] as const)('an export in %s', type => {
  it('has the LoRA in its matrices and convolutions, as its weights have them', async () => {
    const part = await writeExport(type, NODE)
    const { parts, notices } = await addLorasToExport([part], [{ file: await writeLora(), weight: 0.5 }])
    const [changed] = parts
    if (changed === undefined) throw new Error('no part')
    const found = await weightsOf(changed, type)
    expect(notices).toEqual([])
    const at = (list: Float32Array, i: number): number => list[i] ?? 0
    expect(found.matrix).toEqual(
      [...MATRIX].map((weight, i) => weight + 0.5 * at(UP, i % OUT) * at(DOWN, Math.floor(i / OUT))),
    )
    const kernel = [...KERNEL].map((weight, i) => {
      const pixels = CHANNELS * SIDE * SIDE
      return weight + 0.5 * at(CONV_UP, Math.floor(i / pixels)) * at(CONV_DOWN, i % pixels)
    })
    // A unit at one place of the picture gives that place of every kernel.
    const shown = kernel.map((_, i) => kernel[(i % CHANNELS) * CHANNELS * SIDE * SIDE + Math.floor(i / CHANNELS)])
    expect(found.kernel).toEqual(shown)
    expect((await weightsOf(part, type)).matrix).toEqual([...MATRIX]) // the file is as it was
  })
})

it.each(['MatMul_12', ''])(
  'an export whose nodes have lost their modules is refused with the tensor: "%s"',
  async name => {
    const part = await writeExport('float32', name)
    const uses = [{ file: await writeLora(), weight: 1 }]
    await expect(addLorasToExport([part], uses)).rejects.toMatchObject({
      code: 'model-incompatible',
      message: expect.stringContaining('does not name') as string,
      details: { file: 'mine.safetensors', tensor: `unet.${QUERY}.lora_A.weight` },
    })
  },
)
