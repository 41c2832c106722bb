import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { pngChunk, PNG_SIGNATURE } from '#imaging/png-chunks'
import { encodePng } from '#imaging/png-encode'
import { decodeSource } from '#imaging/sharp-codec'
import { bytesOf } from '#test/bytes'
import { said } from '#test/said'

const [width, height] = [12, 7]
const raw = { width, height, channels: 3 as const }
const pixels = bytesOf(width * height * 3, 9)
const open = () => sharp(pixels, { raw })

/** [column, row] of the stored picture that is seen at (x, y) of the upright one; EXIF 2.32, tag 0x0112. */
const STORED_AT: Readonly<Record<number, (x: number, y: number) => [number, number]>> = {
  1: (x, y) => [x, y],
  2: (x, y) => [width - 1 - x, y],
  3: (x, y) => [width - 1 - x, height - 1 - y],
  4: (x, y) => [x, height - 1 - y],
  5: (x, y) => [y, x],
  6: (x, y) => [y, height - 1 - x],
  7: (x, y) => [width - 1 - y, height - 1 - x],
  8: (x, y) => [width - 1 - y, x],
}

/** Written by hand: libvips writes no animated PNG, and no PNG of 16 bits from bytes that are known exactly. */
function pngOf(header: readonly number[], rows: Uint8Array, before: Buffer[] = []): Buffer {
  const size = Buffer.alloc(8)
  size.writeUInt32BE(width, 0)
  size.writeUInt32BE(height, 4)
  const stride = rows.length / height
  const filtered = Buffer.concat(
    Array.from({ length: height }, (_, y) =>
      Buffer.concat([Buffer.of(0), rows.subarray(y * stride, (y + 1) * stride)]),
    ),
  )
  return Buffer.concat([
    PNG_SIGNATURE,
    pngChunk('IHDR', Buffer.concat([size, Buffer.from(header)])),
    ...before,
    pngChunk('IDAT', deflateSync(filtered)),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

describe('a picture that is read to be changed', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('stands upright whatever its orientation: %i', async orientation => {
    const file = await open().withMetadata({ orientation }).png().toBuffer()
    const picture = await decodeSource(file, 'The picture')
    const isTurned = orientation > 4
    expect([picture.width, picture.height]).toEqual(isTurned ? [height, width] : [width, height])
    for (let y = 0; y < picture.height; y++) {
      for (let x = 0; x < picture.width; x++) {
        const [column, row] = STORED_AT[orientation](x, y)
        const [to, from] = [(y * picture.width + x) * 3, (row * width + column) * 3]
        expect(Array.from(picture.data.subarray(to, to + 3))).toEqual(Array.from(pixels.subarray(from, from + 3)))
      }
    }
    expect(said(picture.notices)).toEqual(orientation === 1 ? [] : ['The picture was turned upright.'])
  })

  it('with 16 bits a channel is reduced to 8, with and without transparency, and says so', async () => {
    const words = ['The picture has more than 8 bits a channel and was reduced to 8.']
    for (const [colourType, channels] of [
      [2, 3],
      [6, 4],
    ] as const) {
      const values = bytesOf(width * height * channels * 2, 4)
      const picture = await decodeSource(pngOf([16, colourType, 0, 0, 0], values), 'The picture')
      expect(picture.channels).toBe(channels)
      expect(said(picture.notices)).toEqual(words)
      picture.data.forEach((value, i) => {
        expect(Math.abs(value - (values[i * 2] * 256 + values[i * 2 + 1]) / 257)).toBeLessThanOrEqual(1)
      })
    }
  })

  it('that is CMYK becomes RGB of about the same colours, without the profile of its inks', async () => {
    const flat = sharp({ create: { ...raw, background: { r: 200, g: 60, b: 40 } } }).toColourspace('cmyk')
    for (const file of [
      await flat.jpeg({ quality: 100 }).toBuffer(),
      await flat.withIccProfile('cmyk').tiff().toBuffer(),
    ]) {
      const picture = await decodeSource(file, 'The picture')
      expect(picture).toMatchObject({ channels: 3, profile: undefined })
      expect(said(picture.notices)).toEqual(['The picture is CMYK and was converted to RGB.'])
      for (const [c, wanted] of [200, 60, 40].entries()) {
        expect(Math.abs(picture.data[c] - wanted)).toBeLessThan(40)
      }
    }
  })

  it('with a palette becomes full colour, and keeps transparent entries', async () => {
    const palette = Buffer.from([255, 0, 0, 0, 255, 0, 0, 0, 255])
    const indices = Uint8Array.from({ length: width * height }, (_, i) => i % 3)
    const before = [pngChunk('PLTE', palette), pngChunk('tRNS', Buffer.of(255, 128))]
    const picture = await decodeSource(pngOf([8, 3, 0, 0, 0], indices, before), 'The picture')
    expect(picture.channels).toBe(4)
    expect(Array.from(picture.data.subarray(0, 12))).toEqual([255, 0, 0, 255, 0, 255, 0, 128, 0, 0, 255, 255])
    expect(said(picture.notices)).toEqual(['The picture has a palette and was converted to full colour.'])
  })

  it.each([
    ['WebP', () => frames().webp({ lossless: true })],
    ['GIF', () => frames().gif()],
    ['TIFF', () => frames().tiff({ compression: 'lzw' })],
  ])('with several frames (%s) is the first one, and says so', async (_, make) => {
    const picture = await decodeSource(await make().toBuffer(), 'The picture')
    expect([picture.width, picture.height]).toEqual([4, 4])
    expect(said(picture.notices)).toContain('The picture has several frames; the first one was taken.')
    const first = frameColour(0)
    const { channels } = picture
    for (let i = 0; i < 16; i++)
      expect(Array.from(picture.data.subarray(i * channels, i * channels + 3))).toEqual(first)
  })

  it('that is an animated PNG is its first frame, and says so', async () => {
    const animation = pngChunk('acTL', Buffer.of(0, 0, 0, 2, 0, 0, 0, 0))
    const picture = await decodeSource(pngOf([8, 2, 0, 0, 0], pixels, [animation]), 'The picture')
    expect(Buffer.compare(picture.data, pixels)).toBe(0)
    expect(said(picture.notices)).toEqual(['The picture has several frames; the first one was taken.'])
  })

  it('that is grey comes out with three equal channels, with its transparency where it has one', async () => {
    const grey = await decodeSource(pngOf([8, 0, 0, 0, 0], bytesOf(84, 3)), 'The picture')
    expect(grey).toMatchObject({ channels: 3, notices: [] })
    bytesOf(84, 3).forEach((value, i) =>
      expect(Array.from(grey.data.subarray(i * 3, i * 3 + 3))).toEqual([value, value, value]),
    )
    const withAlpha = await decodeSource(pngOf([8, 4, 0, 0, 0], Uint8Array.of(...bytesOf(168, 3))), 'The picture')
    expect(Array.from(withAlpha.data.subarray(0, 4))).toEqual([
      ...Array<number>(3).fill(bytesOf(168, 3)[0]),
      bytesOf(168, 3)[1],
    ])
  })

  it('keeps its colour profile and its numbers', async () => {
    const file = await open().withIccProfile('p3').png().toBuffer()
    const picture = await decodeSource(file, 'The picture')
    expect(Buffer.compare(picture.data, await sharp(file, { ignoreIcc: true }).raw().toBuffer())).toBe(0)
    const { icc } = await sharp(file).metadata()
    const saved = await encodePng(picture)
    expect((await sharp(saved).metadata()).icc).toEqual(icc)
    expect(Buffer.compare(await sharp(saved, { ignoreIcc: true }).raw().toBuffer(), picture.data)).toBe(0)
  })

  it.each([
    ['no picture', () => Buffer.from('\x89PNG\r\n\x1a\nnothing', 'latin1'), 'The picture cannot be read'],
    ['half a picture', async () => (await open().png().toBuffer()).subarray(0, 150), 'The picture cannot be read'],
    [
      'floating-point numbers',
      () => open().toColourspace('scrgb').tiff({ compression: 'none' }).toBuffer(),
      'it holds floating-point numbers; save it with 8 or 16 bits a channel',
    ],
  ])('is refused in words when it is %s', async (_, make, words) => {
    await expect(decodeSource(await make(), 'The picture')).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringContaining(words) as string,
    })
  })
})

function frameColour(frame: number): number[] {
  return frame === 0 ? [255, 0, 0] : [0, 0, 255]
}

/** Two frames of 4x4 in one colour each. */
function frames() {
  const data = Uint8Array.from({ length: 4 * 8 * 3 }, (_, i) => frameColour(i < 4 * 4 * 3 ? 0 : 1)[i % 3])
  return sharp(data, { raw: { width: 4, height: 8, channels: 3, pageHeight: 4 } })
}
