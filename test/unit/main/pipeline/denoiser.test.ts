import { describe, expect, it } from 'vitest'
import { createDenoiser } from '#pipeline/denoiser'
import type { TensorInfo } from '#pipeline/session'
import type { DType } from '#pipeline/tensor'
import { float32, scriptedSession } from '#test/scripted-session'

const input = (name: string, dtype: DType, shape: (number | string)[]): TensorInfo => ({ name, dtype, shape })
const SAMPLE = input('sample', 'float32', ['b', 4, 'h', 'w'])
const STATES = input('encoder_hidden_states', 'float32', ['b', 's', 3])
const latents = { dims: [2, 4, 1, 2], data: Float32Array.from({ length: 16 }, (_, i) => i) }
const conditions = { encoder_hidden_states: { dims: [2, 1, 3], data: Float32Array.from({ length: 6 }, (_, i) => i) } }

function record(inputs: readonly TensorInfo[]) {
  return scriptedSession(inputs, [input('out_sample', 'float32', [])], feeds => {
    const sample = feeds['sample'] ?? feeds['hidden_states']
    return { out_sample: float32(sample?.dims ?? [], i => Number(sample?.data[i])) }
  })
}

describe('the timestep', () => {
  it.each<[string, DType, (number | string)[], number[], ArrayLike<number | bigint>]>([
    ['a scalar float', 'float32', [], [], Float32Array.of(946.5)],
    ['a scalar integer', 'int64', [], [], BigInt64Array.of(946n)],
    ['a list of one', 'int64', [1], [1], BigInt64Array.of(946n)],
    ['one a row', 'float32', ['batch'], [2], Float32Array.of(946.5, 946.5)],
    ['two fixed ones', 'int32', [2], [2], Int32Array.of(946, 946)],
  ])('is fed as %s where the graph asks for it', async (_, dtype, shape, dims, data) => {
    const session = record([SAMPLE, input('timestep', dtype, shape), STATES])
    await createDenoiser(session, 'unet').predict(latents, 946.5, conditions)
    expect(session.runs[0]?.['timestep']).toEqual({ dtype, dims, data })
  })
})

describe('a graph of fixed batch', () => {
  it('gets missing rows as copies of the last one, and their results are left out', async () => {
    const session = record([input('sample', 'float32', [3, 4, 1, 2]), input('timestep', 'float32', []), STATES])
    const result = await createDenoiser(session, 'unet').predict(latents, 1, conditions)
    expect(session.runs[0]?.['sample']?.dims).toEqual([3, 4, 1, 2])
    expect(session.runs[0]?.['encoder_hidden_states']?.dims).toEqual([3, 1, 3])
    expect(result).toEqual(latents)
  })

  it('gets too many rows in several runs', async () => {
    const session = record([input('sample', 'float32', [1, 4, 1, 2]), input('timestep', 'float32', []), STATES])
    expect(await createDenoiser(session, 'unet').predict(latents, 1, conditions)).toEqual(latents)
    expect(session.runs).toHaveLength(2)
    expect(session.runs[1]?.['encoder_hidden_states']?.data).toEqual(Float32Array.of(3, 4, 5))
  })
})

describe('a graph that does not fit', () => {
  const timestep = input('timestep', 'float32', [])
  it('is named with the input that nobody knows', async () => {
    const denoiser = createDenoiser(record([SAMPLE, timestep, STATES, input('style', 'float32', ['b', 4])]), 'unet')
    await expect(denoiser.predict(latents, 1, conditions)).rejects.toMatchObject({
      code: 'model-incompatible',
      details: { file: 'unet/model.onnx', tensor: 'style' },
    })
  })

  it('is named with the width that it wants and the one that it gets', async () => {
    const denoiser = createDenoiser(
      record([SAMPLE, timestep, input('encoder_hidden_states', 'float32', ['b', 's', 24])]),
      'unet',
    )
    await expect(denoiser.predict(latents, 1, conditions)).rejects.toMatchObject({
      details: { expected: '[b, s, 24]', actual: '[2, 1, 3]' },
    })
  })

  it('is refused at once without an input for latents', () => {
    expect(() => createDenoiser(record([timestep]), 'unet')).toThrow(/no input sample/)
  })
})
