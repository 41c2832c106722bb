import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import sharp from 'sharp'
import { beforeEach, describe, expect, it } from 'vitest'
import { EDIT_DEFAULTS, FILLS, type Edit } from '#contract/edit'
import { GENERATION_DEFAULTS } from '#contract/generation'
import type { GreyMask } from '#contract/mask/grey-mask'
import { prepareEdit } from '#engine/edit/prepare-edit'
import { encodePng, type EncodablePicture } from '#imaging/png-encode'
import { decodeSource } from '#imaging/sharp-codec'
import type { Autoencoder } from '#pipeline/autoencoder'
import { anyMask } from '#test/masks'
import { scratchFolder } from '#test/scratch-folder'

let folder: string
beforeEach(async () => void (folder = await scratchFolder()))

const limits = { sizeMultiple: 16, fixedSize: null, autoencoder: { factor: 8 } as Autoencoder }
const size = { width: 64, height: 48 }

/** Under the hash of its bytes, as the application keeps it. */
async function keep(bytes: Uint8Array): Promise<string> {
  const id = createHash('sha256').update(bytes).digest('hex')
  await writeFile(join(folder, id), bytes)
  return id
}

function requestOf(edit: Partial<Edit> & { source: string }) {
  return {
    ...GENERATION_DEFAULTS,
    ...size,
    model: 'any',
    prompt: '',
    seed: 1,
    edit: { ...EDIT_DEFAULTS, ...edit },
  }
}

function keepMask({ width, height, data }: GreyMask): Promise<string> {
  return encodePng({
    width,
    height,
    data: Uint8Array.from({ length: data.length * 3 }, (_, i) => data[Math.floor(i / 3)]),
  }).then(keep)
}

/** Bytes without a pattern, the same in every run. */
function bytesOf(length: number, seed: number): Uint8Array {
  let state = seed + 1
  return Uint8Array.from({ length }, () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24)
}

/** A decoded picture of nothing in particular, for `finish`. */
function anyRender({ width, height }: { width: number; height: number }) {
  return { dims: [1, 3, height, width], data: Float32Array.from(bytesOf(3 * width * height, 7), v => v / 127.5 - 1) }
}

function expectKept(before: EncodablePicture, after: EncodablePicture, isKept: (pixel: number) => boolean): void {
  expect([after.width, after.height, after.channels]).toEqual([before.width, before.height, before.channels])
  const channels = before.channels ?? 3
  const changed: number[] = []
  before.data.forEach((value, i) => {
    if (after.data[i] !== value && isKept(Math.floor(i / channels))) changed.push(i)
  })
  expect(changed).toEqual([])
}

describe('an edit under a mask', () => {
  it('keeps every byte outside the mask, at any size, mask, padding, feather and fill', async () => {
    const lengths = fc.integer({ min: 0, max: 40 })
    const options = fc.record({
      grow: lengths,
      feather: lengths,
      pasteErode: fc.integer({ min: 0, max: 5 }),
      pasteBlur: lengths,
      padding: lengths,
      onlyMasked: fc.boolean(),
      fill: fc.constantFrom(...FILLS),
    })
    await fc.assert(
      fc.asyncProperty(
        anyMask(70),
        options,
        fc.constantFrom(3 as const, 4 as const),
        async (mask, chosen, channels) => {
          fc.pre(mask.data.some(value => value > 0))
          const { width, height } = mask
          const picture = { width, height, channels, data: bytesOf(width * height * channels, width) }
          const source = await keep(await encodePng(picture))
          const request = requestOf({ ...chosen, source, mask: await keepMask(mask) })
          try {
            const edit = await prepareEdit(request, folder, limits, size)
            expect([edit.size.width % 16, edit.size.height % 16]).toEqual([0, 0])
            const start = edit.startFrom(5)
            if (start.kind !== 'inpaint') throw new Error('not an inpainting')
            expect(start.pixels.dims).toEqual([1, 3, edit.size.height, edit.size.width])
            const after = edit.finish(anyRender(edit.size))
            expectKept(picture, after, pixel => mask.data[pixel] === 0)
          } catch (thrown) {
            if (!String(thrown).includes('too faint')) throw thrown
          }
        },
      ),
      { numRuns: 120 },
    )
  })

  it('brings what was cropped back exactly when it is rendered at its own size', async () => {
    const picture = { width: 200, height: 150, channels: 3 as const, data: bytesOf(90_000, 3) }
    const mask = { width: 200, height: 150, data: new Uint8Array(30_000) }
    for (let y = 60; y < 76; y++) mask.data.fill(255, y * 200 + 70, y * 200 + 102)
    const edit = await prepareEdit(
      requestOf({
        source: await keep(await encodePng(picture)),
        mask: await keepMask(mask),
        onlyMasked: true,
        grow: 0,
        feather: 0,
        padding: 16,
        pasteBlur: 0,
      }),
      folder,
      limits,
      size,
    )
    expect(edit.size).toEqual({ width: 64, height: 48 })
    const start = edit.startFrom(0)
    if (start.kind !== 'inpaint') throw new Error('not an inpainting')
    expect(Buffer.compare(edit.finish(start.pixels).data, picture.data)).toBe(0)
  })

  it('repaints a mask of one pixel', async () => {
    const picture = { width: 99, height: 51, channels: 3 as const, data: bytesOf(99 * 51 * 3, 3) }
    const mask = { width: 99, height: 51, data: new Uint8Array(99 * 51) }
    mask.data[99 * 20 + 33] = 255
    const edit = await prepareEdit(
      requestOf({ source: await keep(await encodePng(picture)), mask: await keepMask(mask), grow: 0, feather: 0 }),
      folder,
      limits,
      size,
    )
    const start = edit.startFrom(0)
    if (start.kind !== 'inpaint') throw new Error('not an inpainting')
    expect(start.mask.data.some(value => value === 1)).toBe(true)
    const after = edit.finish({
      ...anyRender(edit.size),
      data: new Float32Array(3 * edit.size.width * edit.size.height).fill(1),
    })
    expect(Array.from(after.data.subarray((99 * 20 + 33) * 3, (99 * 20 + 34) * 3))).toEqual([255, 255, 255])
  })

  it('refuses a mask in which nothing is painted, and says what to do', async () => {
    const source = await keep(await encodePng({ width: 8, height: 8, data: bytesOf(192, 1) }))
    const mask = await keepMask({ width: 8, height: 8, data: new Uint8Array(64) })
    await expect(prepareEdit(requestOf({ source, mask }), folder, limits, size)).rejects.toThrow(
      'The mask is empty: paint white what is to change.',
    )
  })

  it('stretches a mask of another size, and says so', async () => {
    const source = await keep(await encodePng({ width: 30, height: 20, data: bytesOf(1800, 1) }))
    const mask = await keepMask({ width: 3, height: 2, data: Uint8Array.of(255, 0, 0, 0, 0, 0) })
    const edit = await prepareEdit(requestOf({ source, mask, pasteBlur: 0 }), folder, limits, size)
    expect(edit.notices).toEqual(["The mask is 3x2 and was stretched to the picture's 30x20."])
    const after = edit.finish(anyRender(edit.size))
    expectKept({ width: 30, height: 20, channels: 3, data: bytesOf(1800, 1) }, after, i => i % 30 >= 10 || i >= 300)
  })
})

describe('an input file', () => {
  const raw = { width: 12, height: 7, channels: 3 as const }
  const pixels = bytesOf(12 * 7 * 3, 9)
  const open = () => sharp(pixels, { raw })

  it.each([
    [
      '16 bits a channel',
      () => open().toColourspace('rgb16').png(),
      'has more than 8 bits a channel and was reduced to 8',
    ],
    ['CMYK', () => open().toColourspace('cmyk').jpeg(), 'is CMYK and was converted to RGB'],
    ['an orientation', () => open().withMetadata({ orientation: 6 }).jpeg(), 'was turned upright'],
    ['a palette', () => open().png({ palette: true }), 'has a palette and was converted to full colour'],
    [
      'several frames',
      () => sharp(bytesOf(4 * 8 * 3, 2), { raw: { width: 4, height: 8, channels: 3, pageHeight: 4 } }).gif(),
      'has several frames; the first one was taken',
    ],
  ])('with %s is converted with a word', async (_, make, words) => {
    const picture = await decodeSource(await make().toBuffer(), 'The picture')
    expect(picture.data).toHaveLength(picture.width * picture.height * picture.channels)
    expect(picture.notices).toContain(`The picture ${words}.`)
  })

  it('with an orientation has its upright size', async () => {
    const { width, height } = await decodeSource(
      await open().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
      'The picture',
    )
    expect({ width, height }).toEqual({ width: 7, height: 12 })
  })

  it('keeps its colour profile and its numbers through an edit', async () => {
    const file = await open().withIccProfile('p3').png().toBuffer()
    const before = await sharp(file, { ignoreIcc: true }).raw().toBuffer()
    const { icc } = await sharp(file).metadata()
    const mask = await keepMask({
      width: 12,
      height: 7,
      data: Uint8Array.from({ length: 84 }, (_, i) => (i === 40 ? 255 : 0)),
    })
    const edit = await prepareEdit(requestOf({ source: await keep(file), mask }), folder, limits, size)
    const saved = await encodePng(edit.finish(anyRender(edit.size)))
    const after = await sharp(saved, { ignoreIcc: true }).raw().toBuffer()
    expect((await sharp(saved).metadata()).icc).toEqual(icc)
    before.forEach((value, i) => Math.floor(i / 3) === 40 || expect(after[i]).toBe(value))
  })

  it('that is no picture is refused in words', async () => {
    await expect(decodeSource(Buffer.from('\x89PNG\r\n\x1a\nnothing'), 'The mask')).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringContaining('The mask cannot be read') as string,
    })
  })
})

describe('an edit without a mask', () => {
  it('starts from the picture at the size that is rendered, and saves what was asked for', async () => {
    const source = await keep(await encodePng({ width: 20, height: 33, data: bytesOf(1980, 1) }))
    const edit = await prepareEdit({ ...requestOf({ source }), width: 56, height: 40 }, folder, limits, size)
    const start = edit.startFrom(1)
    expect(start).toMatchObject({ kind: 'image', strength: EDIT_DEFAULTS.strength, pixels: { dims: [1, 3, 48, 64] } })
    expect(edit.finish(anyRender(size))).toMatchObject({ width: 56, height: 40 })
  })
})

describe('an edit that extends the picture', () => {
  it('keeps the picture byte for byte inside, at any extension, with and without a mask', async () => {
    const side = fc.integer({ min: 0, max: 25 })
    const extend = fc.record({ left: side, top: side, right: side, bottom: side })
    await fc.assert(
      fc.asyncProperty(
        anyMask(30),
        extend,
        fc.boolean(),
        fc.constantFrom(3 as const, 4 as const),
        async (mask, by, isMasked, channels) => {
          fc.pre(Object.values(by).some(pixels => pixels > 0) && (!isMasked || mask.data.some(value => value > 0)))
          const { width, height } = mask
          const data = bytesOf(width * height * channels, width)
          const source = await keep(await encodePng({ width, height, channels, data }))
          const request = requestOf({ source, mask: isMasked ? await keepMask(mask) : null, extend: by })
          const edit = await prepareEdit(request, folder, limits, size)
          const after = edit.finish(anyRender(edit.size))
          expect([after.width, after.height]).toEqual([width + by.left + by.right, height + by.top + by.bottom])
          for (let y = 0; y < height; y++) {
            for (let x = 0; x < width; x++) {
              if (isMasked && mask.data[y * width + x] > 0) continue
              const to = ((y + by.top) * after.width + x + by.left) * channels
              const from = (y * width + x) * channels
              expect(after.data.slice(to, to + channels)).toEqual(data.slice(from, from + channels))
            }
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  it('repaints the whole border', async () => {
    const source = await keep(await encodePng({ width: 20, height: 10, data: new Uint8Array(600).fill(40) }))
    const request = requestOf({ source, extend: { left: 0, top: 0, right: 12, bottom: 0 }, pasteBlur: 0 })
    const edit = await prepareEdit(request, folder, limits, size)
    const white = { dims: [], data: new Float32Array(3 * edit.size.width * edit.size.height).fill(1) }
    const after = edit.finish({ ...white, dims: [1, 3, edit.size.height, edit.size.width] })
    const row = Array.from({ length: 32 }, (_, x) => after.data[x * 3])
    expect(row).toEqual([...Array<number>(20).fill(40), ...Array<number>(12).fill(255)])
  })
})
