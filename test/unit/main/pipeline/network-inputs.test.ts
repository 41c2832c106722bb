/** What exports of ControlNets and of FLUX's transformer differ in, fed as each graph declares it. */
import { describe, expect, it } from 'vitest'
import { createControlNet } from '#pipeline/control-net'
import { createDenoiser } from '#pipeline/denoiser'
import { createFluxDenoiser } from '#pipeline/flux-denoiser'
import type { TensorInfo } from '#pipeline/session'
import type { DType } from '#pipeline/tensor'
import { float32, scriptedSession } from '#test/scripted-session'

const info = (name: string, dtype: DType, shape: (number | string)[]): TensorInfo => ({ name, dtype, shape })
const states = (rows: number) => ({ dims: [rows, 2, 3], data: new Float32Array(rows * 6) })

describe('a ControlNet', () => {
  const image = { dims: [1, 3, 16, 24], data: new Float32Array(3 * 16 * 24).fill(0.5) }
  const latents = { dims: [2, 4, 2, 3], data: new Float32Array(48) }

  it.each<[DType, (number | string)[], number[], ArrayLike<number>]>([
    ['float64', [], [], Float64Array.of(0.75)],
    ['float32', [1], [1], Float32Array.of(0.75)],
  ])(
    'is told its scale as %s %j where the graph asks for it, and has as many residuals as the graph',
    async (dtype, shape, dims, data) => {
      const inputs = [
        info('sample', 'float32', ['b', 4, 'h', 'w']),
        info('timestep', 'int64', ['b']),
        info('encoder_hidden_states', 'float32', ['b', 's', 3]),
        info('controlnet_cond', 'float32', ['b', 3, 'H', 'W']),
        info('conditioning_scale', dtype, shape),
      ]
      const names = [
        'down_block_0_additional_residual',
        'down_block_1_additional_residual',
        'mid_block_additional_residual',
      ]
      const session = scriptedSession(
        inputs,
        names.map(name => info(name, 'float32', [])),
        feeds =>
          Object.fromEntries(names.map((name, i) => [name, float32([feeds['sample']?.dims[0] ?? 0, 1], () => i)])),
      )
      const net = createControlNet(createDenoiser(session, 'controlnet'), 'controlnet')
      const residuals = await net.residuals(latents, 10, { encoder_hidden_states: states(2) }, image, 0.75)
      expect(Object.keys(residuals)).toEqual(names)
      expect(session.runs[0]?.['conditioning_scale']).toEqual({ dtype, dims, data })
      expect(session.runs[0]?.['controlnet_cond']?.dims).toEqual([2, 3, 16, 24]) // the picture once a row
    },
  )

  it('without a picture’s input is none', () => {
    const session = scriptedSession([info('sample', 'float32', []), info('timestep', 'float32', [])], [], () => ({}))
    expect(() => createControlNet(createDenoiser(session, 'controlnet'), 'controlnet')).toThrow(
      'no input controlnet_cond',
    )
  })
})

describe('FLUX’s transformer', () => {
  const latents = { dims: [2, 1, 4, 6], data: Float32Array.from({ length: 48 }, (_, i) => i) }
  const TOKENS = 6

  it.each<[DType, number]>([
    ['int64', 2],
    ['float32', 2],
    ['float16', 3],
  ])('is given positions in %s of rank %i, packed latents and the time from 0 to 1', async (dtype, rank) => {
    const rows = rank === 3 ? ['b'] : []
    const inputs = [
      info('hidden_states', 'float32', ['b', 'n', 4]),
      info('encoder_hidden_states', 'float32', ['b', 's', 3]),
      info('timestep', 'float32', ['b']),
      info('img_ids', dtype, [...rows, 'n', 3]),
      info('txt_ids', dtype, [...rows, 's', 3]),
    ]
    const session = scriptedSession(inputs, [info('sample', 'float32', [])], feeds => {
      const packed = feeds['hidden_states']
      return { sample: float32(packed?.dims ?? [], i => Number(packed?.data[i])) }
    })
    const denoiser = createFluxDenoiser(createDenoiser(session, 'transformer'), 1)
    const answer = await denoiser.predict(latents, 250, { encoder_hidden_states: states(2) })
    expect(answer).toEqual(latents) // unpacked as it was packed
    const [feeds] = session.runs
    const batch = rank === 3 ? [2] : []
    expect(feeds?.['hidden_states']?.dims).toEqual([2, TOKENS, 4])
    expect(feeds?.['img_ids']).toMatchObject({ dtype, dims: [...batch, TOKENS, 3] })
    expect(feeds?.['txt_ids']).toMatchObject({ dtype, dims: [...batch, 2, 3] })
    expect(feeds?.['timestep']?.data).toEqual(Float32Array.of(0.25, 0.25))
  })
})

it.each(['out_sample', 'noise_pred', 'out_hidden_states', 'sample'])(
  'a prediction named %s is the first output, whatever stands behind it',
  async name => {
    const inputs = [info('sample', 'float16', ['b', 4, 'h', 'w']), info('timestep', 'float16', [])]
    const outputs = [info(name, 'float16', []), info('attention', 'float32', [])]
    const session = scriptedSession(inputs, outputs, feeds => ({
      attention: float32([1], () => 9),
      [name]: feeds['sample'] ?? float32([], () => 0),
    }))
    const latents = { dims: [1, 4, 1, 2], data: Float32Array.from({ length: 8 }, (_, i) => i / 2) }
    const denoiser = createDenoiser(session, 'unet')
    expect(await denoiser.predict(latents, 999, {})).toEqual(latents) // through float16 and back
    expect(session.runs[0]?.['timestep']).toEqual({
      dtype: 'float16',
      dims: [],
      data: new Uint16Array(Float16Array.of(999).buffer),
    })
  },
)
