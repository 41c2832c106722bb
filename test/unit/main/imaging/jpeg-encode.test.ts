import { describe, expect, it } from 'vitest'
import { encodeJpeg } from '#imaging/jpeg-encode'
import { encodePreview } from '#imaging/encode-preview'
import { decodePicture } from '#imaging/sharp-codec'

function picture(width: number, height: number, byte: (x: number, y: number, channel: number) => number) {
  const data = new Uint8Array(width * height * 3)
  for (let i = 0; i < data.length; i++) {
    const pixel = Math.floor(i / 3)
    data[i] = byte(pixel % width, Math.floor(pixel / width), i % 3)
  }
  return { width, height, data }
}

/** In decibels; equal pictures are infinitely far from noise. */
function signalToNoise(a: Uint8Array, b: Uint8Array): number {
  const squares = a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0)
  return 10 * Math.log10(255 ** 2 / (squares / a.length))
}

const waves = (x: number, y: number, channel: number) => 128 + 90 * Math.sin(x / 5 + channel) * Math.cos(y / 7)
const NOISE_SEED = 12345
const noise = (x: number, y: number, channel: number) =>
  (Math.imul(x * 7919 + y * 104_729 + channel, NOISE_SEED) >>> 8) & 0xff

describe('encodeJpeg', () => {
  it.each([
    { name: 'waves', make: waves, width: 64, height: 48, atLeast: 40 },
    { name: 'sides that are no multiples of a block', make: waves, width: 37, height: 21, atLeast: 38 },
    { name: 'one pixel', make: waves, width: 1, height: 1, atLeast: 40 },
    { name: 'noise', make: noise, width: 40, height: 24, atLeast: 28 },
    { name: 'black and white', make: (x: number) => (x % 16 < 8 ? 0 : 255), width: 32, height: 16, atLeast: 40 },
  ])(
    'is read by another decoder as the picture that it was made of: $name',
    async ({ make, width, height, atLeast }) => {
      const original = picture(width, height, make)
      const decoded = await decodePicture(encodeJpeg(original))
      expect(decoded).toMatchObject({ width, height })
      expect(signalToNoise(original.data, decoded.data)).toBeGreaterThan(atLeast)
    },
  )
})

describe('encodePreview', () => {
  it.each([
    { latents: [16, 12], aspect: [128, 96], size: [32, 24] },
    { latents: [64, 64], aspect: [512, 512], size: [128, 128] },
    { latents: [256, 128], aspect: [2048, 1024], size: [128, 64] },
  ])('enlarges $latents latents to $size pixels, and reduces many', async ({ latents, aspect, size }) => {
    const small = picture(latents[0], latents[1], waves)
    const [width, height] = size
    expect(await decodePicture(encodePreview(small, { width: aspect[0], height: aspect[1] }))).toMatchObject({
      width,
      height,
    })
  })
})
