import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sayNotice, type Notice } from '#contract/notices'
import { AppError } from '#contract/errors'
import { createAutoencoder } from '#pipeline/autoencoder'
import { createDenoiser } from '#pipeline/denoiser'
import { relieveDenoiser, rungsOf, withRelief, type Rung } from '#pipeline/relief'
import type { SessionRelief, TensorInfo } from '#pipeline/session'
import type { Tensor } from '#pipeline/tensor'
import type { FloatTensor } from '#pipeline/tensor'
import { runTiled, tileStarts } from '#pipeline/tiles'
import { largestDifference } from '#test/golden-case'
import { float32, scriptedSession } from '#test/scripted-session'
import { aNotice } from '#test/said'

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
    return {
      session,
      notices,
      denoiser: relieveDenoiser(createDenoiser(session, 'unet'), notice => notices.push(sayNotice(notice))),
    }
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

  it('gives every output in fewer rows too, as ControlNets need it', async () => {
    const whole = await make(4).denoiser.predictAll(sample, 1, conditions)
    const short = make(2)
    expect(await short.denoiser.predictAll(sample, 1, conditions)).toEqual(whole)
    expect(short.session.runs.map(feeds => feeds['sample']?.dims[0])).toEqual([4, 2, 2])
  })

  it('tells a later picture too that it is computed in fewer rows, but not one that needs no more', async () => {
    const short = make(1)
    await short.denoiser.predict(sample, 2, conditions)
    short.notices.length = 0
    const one = { dims: [1, 1, 2, 3], data: sample.data.slice(0, 6) }
    const row = { encoder_hidden_states: { dims: [1, 2, 3], data: new Float32Array(6) } }
    await short.denoiser.predict(one, 1, row)
    expect(short.notices).toEqual([])
    await short.denoiser.predict(sample, 1, conditions)
    expect(short.notices).toHaveLength(1)
  })

  it('cannot split a graph of fixed batch further, and fails instead of trying for ever', async () => {
    const fixed = [info('sample', [2, 1, 'h', 'w']), ...inputs.slice(1)]
    const session = scriptedSession(fixed, [info('out', [])], noMemory)
    const denoiser = relieveDenoiser(createDenoiser(session, 'unet'), () => undefined)
    await expect(denoiser.predict(sample, 1, conditions)).rejects.toMatchObject({ code: 'out-of-memory' })
    expect(session.runs).toHaveLength(1)
  })

  it('fails when not even one row fits', async () => {
    await expect(make(0).denoiser.predict(sample, 1, conditions)).rejects.toMatchObject({ code: 'out-of-memory' })
  })
})

describe('the ladder of what is given up', () => {
  const ladder = (fails: number, rungs: readonly Rung[]) => {
    let left = fails
    const notices: string[] = []
    const attempt = async () => (left-- > 0 ? noMemory() : 'done')
    return {
      notices,
      result: withRelief(
        attempt,
        () => rungs,
        notice => notices.push(sayNotice(notice)),
      ),
    }
  }
  const times = (count: number, text: string): Rung => {
    let left = count
    return () => (left-- > 0 ? aNotice(text) : null)
  }

  it('uses up one rung before the next one, and tells each', async () => {
    const { notices, result } = ladder(3, [times(2, 'fewer rows'), times(0, 'nothing here'), times(1, 'processor')])
    expect(await result).toBe('done')
    expect(notices).toEqual(['fewer rows', 'fewer rows', 'processor'])
  })

  it('throws the failure when nothing is left to give up', async () => {
    await expect(ladder(3, [times(2, 'fewer rows')]).result).rejects.toMatchObject({ code: 'out-of-memory' })
  })

  it('is for want of memory only', async () => {
    const broken = new Error('broken')
    await expect(
      withRelief(
        () => Promise.reject(broken),
        () => [times(1, 'x')],
        () => undefined,
      ),
    ).rejects.toBe(broken)
  })

  it('makes room among idle graphs, then gives up what the work itself can, then closes the rest, then moves on', async () => {
    const relief: SessionRelief = {
      makeRoom: reach => Promise.resolve(aNotice(reach)),
      moveOn: () => Promise.resolve(aNotice('moved')),
    }
    const given: (Notice | null)[] = []
    for (const rung of rungsOf(relief, [() => aNotice('own')])) given.push(await rung())
    expect(given).toEqual(['idle', 'own', 'all', 'moved'].map(aNotice))
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
    const autoencoder = createAutoencoder({ decoder: decoder(maxLatents), openEncoder: null, config, inTiles: false })
    return { picture: await autoencoder.decode(latents, notice => notices.push(sayNotice(notice))), notices }
  }

  it('decodes in tiles whose seams do not show, and says so', async () => {
    const whole = await decode(Infinity)
    const tiled = await decode(32 * 32)
    expect(whole.notices).toEqual([])
    expect(tiled.notices).toHaveLength(1)
    expect(tiled.picture.dims).toEqual([1, 3, 320, 448])
    expect(largestDifference(tiled.picture.data, whole.picture.data)).toBeLessThan(1e-6)
  })

  it('starts the next picture of that size with the tiles that worked, and says so again', async () => {
    const notices: string[] = []
    const session = decoder(32 * 32)
    const autoencoder = createAutoencoder({ decoder: session, openEncoder: null, config, inTiles: false })
    await autoencoder.decode(latents, () => undefined)
    const before = session.runs.length
    await autoencoder.decode(latents, notice => notices.push(sayNotice(notice)))
    expect(notices).toHaveLength(1)
    expect(session.runs.length - before).toBe(4) // 40 x 56 in tiles of 32
    const small = { dims: [1, 1, 16, 16], data: latents.data.slice(0, 256) }
    await autoencoder.decode(small, notice => notices.push(sayNotice(notice)))
    expect(notices).toHaveLength(1)
  })

  it('does not try tiles of another size with a graph that has only one', async () => {
    const session = scriptedSession([info('latent_sample', [1, 1, 40, 56])], [info('sample', [])], noMemory)
    const autoencoder = createAutoencoder({ decoder: session, openEncoder: null, config, inTiles: false })
    await expect(autoencoder.decode(latents, () => undefined)).rejects.toMatchObject({ code: 'out-of-memory' })
    expect(session.runs).toHaveLength(1)
  })

  it('says so when a decoder gives no numbers, instead of a black picture without a word', async () => {
    const session = scriptedSession([info('latent_sample', [1, 1, 'h', 'w'])], [info('sample', [])], () => ({
      sample: float32([1, 3, 320, 448], i => (i === 5 ? Infinity : 0)),
    }))
    const notices: string[] = []
    const autoencoder = createAutoencoder({ decoder: session, openEncoder: null, config, inTiles: false })
    await autoencoder.decode(latents, notice => notices.push(sayNotice(notice)))
    expect(notices).toEqual([expect.stringContaining('no numbers')])
  })

  it('fails when not even the smallest tile fits', async () => {
    await expect(decode(10)).rejects.toMatchObject({ code: 'out-of-memory' })
  })
})

describe('an encoder that runs out of memory', () => {
  const FACTOR = 8
  /** Every latent is the top left pixel of its square, and a second channel as log variance. */
  const encoder = (maxPixels: number) =>
    scriptedSession([info('sample', [1, 3, 'h', 'w'])], [info('latent_parameters', [])], feeds => {
      const pixels = feeds['sample']
      const [, , height = 0, width = 0] = pixels.dims
      if (height * width > maxPixels) noMemory()
      const [rows, columns] = [height / FACTOR, width / FACTOR]
      return {
        latent_parameters: float32([1, 2, rows, columns], i => {
          const [y, x] = [Math.floor(i / columns) % rows, i % columns]
          return Number(pixels.data[y * FACTOR * width + x * FACTOR])
        }),
      }
    })
  const config = { latent_channels: 1, scaling_factor: 1, block_out_channels: [1, 1, 1, 1] }
  const decoder = scriptedSession([info('latent_sample', [1, 1, 'h', 'w'])], [], noMemory)
  const pixels = { dims: [1, 3, 320, 448], data: Float32Array.from({ length: 3 * 320 * 448 }, (_, i) => Math.sin(i)) }
  const encode = async (maxPixels: number) => {
    const notices: string[] = []
    const openEncoder = () => Promise.resolve(encoder(maxPixels))
    const autoencoder = createAutoencoder({ decoder, openEncoder, config, inTiles: false })
    return { posterior: await autoencoder.encode(pixels, notice => notices.push(sayNotice(notice))), notices }
  }

  it('encodes in tiles that lie on whole latents, and says so', async () => {
    const whole = await encode(Infinity)
    const tiled = await encode(256 * 256)
    expect([whole.notices.length, tiled.notices.length]).toEqual([0, 1])
    expect(tiled.posterior.mean.dims).toEqual([1, 1, 40, 56])
    expect(largestDifference(tiled.posterior.mean.data, whole.posterior.mean.data)).toBeLessThan(1e-6)
    expect(tiled.posterior.logVariance?.dims).toEqual([1, 1, 40, 56])
  })
})

describe('tiles of a network that looks `reach` cells around each', () => {
  /** The mean of the square around each cell, of what lies inside the picture. */
  const blur = (reach: number, scale: number) => async (tile: FloatTensor) => {
    const [, , height = 0, width = 0] = tile.dims
    const data = new Float32Array(height * scale * width * scale)
    for (let y = 0; y < height * scale; y++) {
      for (let x = 0; x < width * scale; x++) {
        const [cy, cx] = [Math.floor(y / scale), Math.floor(x / scale)]
        let [sum, count] = [0, 0]
        for (let v = Math.max(0, cy - reach); v <= Math.min(height - 1, cy + reach); v++) {
          for (let u = Math.max(0, cx - reach); u <= Math.min(width - 1, cx + reach); u++) {
            sum += tile.data[v * width + u]
            count++
          }
        }
        data[y * width * scale + x] = sum / count
      }
    }
    return { dims: [1, 1, height * scale, width * scale], data }
  }

  it('are the whole picture as long as they overlap by four times that', async () => {
    const side = fc.integer({ min: 5, max: 40 })
    await fc.assert(
      fc.asyncProperty(
        side,
        side,
        fc.constantFrom(1, 2),
        fc.constantFrom(0, 1, 2),
        async (height, width, scale, reach) => {
          const data = Float32Array.from({ length: height * width }, (_, i) => Math.sin(i * i))
          const input = { dims: [1, 1, height, width], data }
          const options = { size: 16, overlap: 8, inScale: 1, outScale: scale }
          const tiled = await runTiled(input, options, blur(reach, scale))
          const whole = await blur(reach, scale)(input)
          expect(tiled.dims).toEqual(whole.dims)
          expect(largestDifference(tiled.data, whole.data)).toBeLessThan(1e-6)
        },
      ),
      { numRuns: 40 },
    )
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
