import { describe, expect, it } from 'vitest'
import { AppError } from '#contract/errors'
import { createAutoencoder } from '#pipeline/autoencoder'
import { createDenoiser } from '#pipeline/denoiser'
import { relieveDenoiser } from '#pipeline/relief'
import type { TensorInfo } from '#pipeline/session'
import type { Tensor } from '#pipeline/tensor'
import { tileStarts } from '#pipeline/tiles'
import { largestDifference } from '#test/golden-case'
import { float32, scriptedSession } from '#test/scripted-session'

const info = (name: string, shape: (number | string)[]): TensorInfo => ({ name, dtype: 'float32', shape })
const noMemory = (): never => {
  throw new AppError('out-of-memory', 'no room')
}

describe('a denoiser that runs out of memory', () => {
  const inputs = [info('sample', ['b', 1, 'h', 'w']), info('timestep', []), info('encoder_hidden_states', ['b', 2, 3])]
  /** Latents plus the first number of the row's condition. */
  const answer = (maxRows: number) => (feeds: Record<string, Tensor>) => {
    const { sample, encoder_hidden_states: states } = feeds as { sample: Tensor; encoder_hidden_states: Tensor }
    const rows = sample.dims[0] ?? 0
    if (rows > maxRows) noMemory()
    const plane = sample.data.length / rows
    return { out: float32(sample.dims, i => Number(sample.data[i]) + Number(states.data[Math.floor(i / plane) * 6])) }
  }
  const sample = { dims: [4, 1, 2, 3], data: Float32Array.from({ length: 24 }, (_, i) => i) }
  const conditions = {
    encoder_hidden_states: { dims: [4, 2, 3], data: Float32Array.from({ length: 24 }, (_, i) => i * 100) },
  }
  const make = (maxRows: number) => {
    const session = scriptedSession(inputs, [info('out', [])], answer(maxRows))
    const notices: string[] = []
    return { session, notices, denoiser: relieveDenoiser(createDenoiser(session, 'unet'), text => notices.push(text)) }
  }

  it('gives the same numbers with fewer rows a run, and says so', async () => {
    const whole = await make(4).denoiser.predict(sample, 1, conditions)
    const short = make(1)
    expect(await short.denoiser.predict(sample, 1, conditions)).toEqual(whole)
    expect(short.notices.length).toBeGreaterThan(0)
  })

  it('stays with fewer rows in the next steps', async () => {
    const short = make(1)
    await short.denoiser.predict(sample, 2, conditions)
    const before = short.session.runs.length
    await short.denoiser.predict(sample, 1, conditions)
    expect(short.session.runs.length - before).toBe(4)
  })

  it('fails when not even one row fits', async () => {
    await expect(make(0).denoiser.predict(sample, 1, conditions)).rejects.toMatchObject({ code: 'out-of-memory' })
  })
})

describe('a decoder that runs out of memory', () => {
  const FACTOR = 8
  /** Every latent becomes a square of its value, which tiles cannot change. */
  const decoder = (maxLatents: number) =>
    scriptedSession([info('latent_sample', [1, 1, 'h', 'w'])], [info('sample', [])], feeds => {
      const latents = feeds['latent_sample']
      const [, , height = 0, width = 0] = latents.dims
      if (height * width > maxLatents) noMemory()
      const [outHeight, outWidth] = [height * FACTOR, width * FACTOR]
      return {
        sample: float32([1, 3, outHeight, outWidth], i => {
          const [y, x] = [Math.floor(i / outWidth) % outHeight, i % outWidth]
          return Number(latents.data[Math.floor(y / FACTOR) * width + Math.floor(x / FACTOR)])
        }),
      }
    })
  const config = { latent_channels: 1, scaling_factor: 1, block_out_channels: [1, 1, 1, 1] }
  const latents = { dims: [1, 1, 40, 56], data: Float32Array.from({ length: 40 * 56 }, (_, i) => Math.sin(i)) }
  const decode = async (maxLatents: number) => {
    const notices: string[] = []
    const autoencoder = createAutoencoder({ decoder: decoder(maxLatents), openEncoder: null, config })
    return { picture: await autoencoder.decode(latents, text => notices.push(text)), notices }
  }

  it('decodes in tiles whose seams do not show, and says so', async () => {
    const whole = await decode(Infinity)
    const tiled = await decode(32 * 32)
    expect(whole.notices).toEqual([])
    expect(tiled.notices).toHaveLength(1)
    expect(tiled.picture.dims).toEqual([1, 3, 320, 448])
    expect(largestDifference(tiled.picture.data, whole.picture.data)).toBeLessThan(1e-6)
  })

  it('fails when not even the smallest tile fits', async () => {
    await expect(decode(10)).rejects.toMatchObject({ code: 'out-of-memory' })
  })
})

describe('tiles', () => {
  it.each([
    [10, 16, 4],
    [16, 16, 4],
    [17, 16, 4],
    [100, 16, 4],
    [1000, 64, 16],
    [65, 64, 16],
  ])('cover %i with tiles of %i and overlap by at least %i', (length, size, overlap) => {
    const starts = tileStarts(length, size, overlap)
    expect(starts[0]).toBe(0)
    expect((starts.at(-1) ?? NaN) + Math.min(size, length)).toBe(length)
    for (const [i, start] of starts.slice(1).entries())
      expect((starts[i] ?? NaN) + size - start).toBeGreaterThanOrEqual(overlap)
  })
})
