/** ControlNets inside a U-Net's graph: each has its place among the pictures and scales, and is silent where nobody asks for it. */
import { describe, expect, it } from 'vitest'
import { controlResiduals } from '#pipeline/control-net'
import { createDenoiser } from '#pipeline/denoiser'
import { findFusedNets, type FusedControlNets } from '#pipeline/fused-control-nets'
import type { TensorInfo } from '#pipeline/session'
import { float32, scriptedSession, type ScriptedSession } from '#test/scripted-session'

const [HEIGHT, WIDTH] = [2, 3]
const SIZE = 3 * 8 * HEIGHT * 8 * WIDTH
const latents = (rows: number) => ({
  dims: [rows, 4, HEIGHT, WIDTH],
  data: new Float32Array(rows * 4 * HEIGHT * WIDTH),
})
const picture = (value: number) => ({ dims: [1, 3, 8 * HEIGHT, 8 * WIDTH], data: new Float32Array(SIZE).fill(value) })
const info = (name: string, shape: (number | string)[]): TensorInfo => ({ name, dtype: 'float32', shape })
const PLAIN = [info('sample', ['b', 4, 'h', 'w']), info('timestep', ['b'])]

function openFused(): { session: ScriptedSession; nets: FusedControlNets } {
  const inputs = [...PLAIN, info('controlnet_conds', [2, 'b', 3, 'H', 'W']), info('controlnet_scales', [2, 1])]
  const session = scriptedSession(inputs, [info('noise_pred', [])], feeds => ({
    noise_pred: float32(feeds['sample']?.dims ?? [], () => 0),
  }))
  const nets = findFusedNets(createDenoiser(session, 'unet'))
  if (nets === null) throw new Error('no nets were found')
  return { session, nets }
}

/** The first number of each net's picture for each row, and its scale. */
function heard(session: ScriptedSession, rows: number) {
  const { controlnet_conds: pictures, controlnet_scales: scales } = session.runs.at(-1) ?? {}
  const shown = Array.from({ length: 2 * rows }, (_, i) => Number(pictures?.data[i * SIZE]))
  return { dims: pictures?.dims, shown, scales: [...(scales?.data ?? [])] }
}

describe('a U-Net with two nets inside', () => {
  it('is shown nothing at scale 0 where no net is asked for, in every size', async () => {
    const { session, nets } = openFused()
    await nets.denoiser.predict(latents(2), 5, {})
    expect(heard(session, 2)).toEqual({ dims: [2, 2, 3, 16, 24], shown: [0, 0, 0, 0], scales: [0, 0] })
    await nets.denoiser.predict(latents(1), 5, {})
    expect(heard(session, 1)).toEqual({ dims: [2, 1, 3, 16, 24], shown: [0, 0], scales: [0, 0] })
  })

  it('is shown each picture in its net’s place, once a row, with its scale; one whose time is over is silent', async () => {
    const { session, nets } = openFused()
    const second = { net: nets.net('controlnet-2'), image: picture(7), scale: 0.5, start: 0, end: 1 }
    const first = { net: nets.net('controlnet-1'), image: picture(3), scale: 0.25, start: 0, end: 0.5 }
    const askAt = async (index: number) => {
      const input = {
        scaled: latents(1),
        timestep: 5,
        batch: 1,
        conditions: {},
        sides: ['negative', 'positive'],
      } as const
      const position = { index, count: 4 }
      const conditions = (await controlResiduals([second, first], false, { ...input, position })) ?? {}
      await nets.denoiser.predict(latents(2), 5, conditions)
      return heard(session, 2)
    }
    expect(await askAt(0)).toEqual({ dims: [2, 2, 3, 16, 24], shown: [3, 3, 7, 7], scales: [0.25, 0.5] })
    expect(await askAt(3)).toEqual({ dims: [2, 2, 3, 16, 24], shown: [0, 0, 7, 7], scales: [0, 0.5] })
  })

  it('has no third one', () => {
    expect(() => openFused().nets.net('controlnet-3')).toThrow('has the nets controlnet-1, controlnet-2')
  })
})

it('a plain U-Net has none', () => {
  expect(
    findFusedNets(
      createDenoiser(
        scriptedSession(PLAIN, [], () => ({})),
        'unet',
      ),
    ),
  ).toBeNull()
})
