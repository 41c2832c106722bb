/** What exports of autoencoders differ in: moments or a draw, scales and shifts, and configs of another decoder. */
import { describe, expect, it } from 'vitest'
import { createAutoencoder, samplePosterior } from '#pipeline/autoencoder'
import type { JsonObject } from '#pipeline/model-files'
import type { TensorInfo } from '#pipeline/session'
import { float32, scriptedSession } from '#test/scripted-session'

const info = (name: string, shape: (number | string)[]): TensorInfo => ({ name, dtype: 'float32', shape })
const [CHANNELS, HEIGHT, WIDTH] = [2, 3, 4]
const silent = (): void => undefined

/** An encoder that gives so many channels, each of them filled with its number; a decoder of factor 2. */
function open(config: JsonObject | null, channels = 2 * CHANNELS, factor = 2) {
  const encoder = scriptedSession([info('sample', [1, 3, 'h', 'w'])], [info('latent_parameters', [])], () => ({
    latent_parameters: float32([1, channels, HEIGHT, WIDTH], i => Math.floor(i / (HEIGHT * WIDTH))),
  }))
  const decoder = scriptedSession([info('latent_sample', [1, CHANNELS, 'h', 'w'])], [info('sample', [])], feeds => {
    const [, , height = 0, width = 0] = feeds['latent_sample']?.dims ?? []
    return { sample: float32([1, 3, height * factor, width * factor], () => 0) }
  })
  const openEncoder = () => Promise.resolve(encoder)
  return createAutoencoder({ decoder, openEncoder, config, inTiles: false })
}

const image = { dims: [1, 3, 2 * HEIGHT, 2 * WIDTH], data: new Float32Array(3 * 4 * HEIGHT * WIDTH) }
const noise = () => new Float32Array(CHANNELS * HEIGHT * WIDTH).fill(2)

describe('an encoder', () => {
  it('of twice the channels gives mean and log variance, from which is drawn', async () => {
    const posterior = await open({}).encode(image, silent)
    expect(posterior.mean.data[0]).toBe(0)
    expect(posterior.logVariance?.data[0]).toBe(2)
    const { dims, data } = samplePosterior(posterior, noise)
    expect(dims).toEqual([1, CHANNELS, HEIGHT, WIDTH])
    // mean + exp(logvar / 2) * noise of the first and of the second channel
    expect([data[0], data[HEIGHT * WIDTH]]).toEqual([
      Math.fround(Math.fround(Math.exp(1)) * 2),
      Math.fround(1 + Math.fround(Math.exp(1.5)) * 2),
    ])
  })

  it('that drew in its graph is taken as it is, and no noise is spent on it', async () => {
    const posterior = await open({}, CHANNELS).encode(image, silent)
    expect(posterior.logVariance).toBeNull()
    const draw = samplePosterior(posterior, () => {
      throw new Error('nothing is drawn')
    })
    expect(draw).toEqual(posterior.mean)
  })

  it('of other channels is refused with both numbers', async () => {
    await expect(open({}, 5).encode(image, silent)).rejects.toMatchObject({
      code: 'model-incompatible',
      details: { file: 'vae_encoder/model.onnx', expected: [CHANNELS, 2 * CHANNELS], actual: 5 },
    })
  })

  it('has variances that are kept between e^-30 and e^20', () => {
    const one = (value: number) => ({ dims: [1, 1, 1, 1], data: Float32Array.of(value) })
    const drawn = (logVariance: number) =>
      samplePosterior({ mean: one(0), logVariance: one(logVariance) }, () => Float32Array.of(1)).data[0]
    expect(drawn(50)).toBe(Math.fround(Math.exp(10)))
    expect(drawn(-50)).toBe(Math.fround(Math.exp(-15)))
  })
})

describe('scales', () => {
  const latents = { dims: [1, CHANNELS, 1, 1], data: Float32Array.of(3, 5) }
  it.each<[string, JsonObject, number[]]>([
    ['a factor', { scaling_factor: 0.5 }, [6, 10]],
    ['a factor and a shift', { scaling_factor: 0.5, shift_factor: 0.25 }, [6.25, 10.25]],
    [
      'means and deviations of each channel',
      { scaling_factor: 0.5, latents_mean: [1, 2], latents_std: [2, 4] },
      [13, 42],
    ],
  ])('of %s are taken off before decoding, and put on after encoding', (_, config, expected) => {
    const autoencoder = open({ block_out_channels: [1, 1], ...config })
    const raw = autoencoder.toDecoderInput(latents)
    expect([...raw.data]).toEqual(expected)
    expect(autoencoder.toScaled(raw)).toEqual(latents)
  })

  it.each<[JsonObject, string]>([
    [{ scaling_factor: 0 }, 'scaling_factor is 0'],
    [{ latents_mean: [1], latents_std: [1, 1] }, 'latents_mean is [1]'],
    [{ block_out_channels: [] }, 'block_out_channels is []'],
  ])('that cannot be are refused: %j', (config, message) => {
    expect(() => open(config)).toThrow(message)
  })
})

it('a config of another decoder is found out by the size of its picture', async () => {
  await expect(
    open({ block_out_channels: [1, 1, 1] }).decode({ dims: [1, CHANNELS, HEIGHT, WIDTH], data: noise() }, silent),
  ).rejects.toMatchObject({
    code: 'model-incompatible',
    details: { expected: [1, 3, 4 * HEIGHT, 4 * WIDTH], actual: [1, 3, 2 * HEIGHT, 2 * WIDTH] },
  })
})
