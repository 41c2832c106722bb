import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { EDIT_DEFAULTS, FILLS, type Edit } from '#contract/edit'
import { GENERATION_DEFAULTS } from '#contract/generation'
import { toEditMasks } from '#contract/mask/edit-masks'
import type { GreyMask } from '#contract/mask/grey-mask'
import { prepareEdit } from '#engine/edit/prepare-edit'
import { encodePng, type EncodablePicture } from '#imaging/png-encode'
import type { Autoencoder } from '#pipeline/autoencoder'
import { bytesOf } from '#test/bytes'
import { anyMask } from '#test/masks'
import { scratchFolder } from '#test/scratch-folder'
import { said } from '#test/said'

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

/** A decoded picture of nothing in particular, for `finish`. */
function anyRender({ width, height }: { width: number; height: number }) {
  return { dims: [1, 3, height, width], data: Float32Array.from(bytesOf(3 * width * height, 7), v => v / 127.5 - 1) }
}

/** Black above `row`, white from there on. */
function markedAt({ width, height }: { width: number; height: number }, row: number): Uint8Array {
  return new Uint8Array(width * height * 3).fill(255, row * width * 3)
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
  it('keeps every byte outside the pasted area, which the promise keeps inside the mask, at any size and options', async () => {
    const lengths = fc.integer({ min: 0, max: 40 })
    const options = fc.record({
      grow: lengths,
      feather: lengths,
      pasteErode: fc.integer({ min: 0, max: 5 }),
      pasteBlur: lengths,
      padding: lengths,
      onlyMasked: fc.boolean(),
      maskAsStrength: fc.boolean(),
      matchColours: fc.boolean(),
      keepUnmasked: fc.boolean(),
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
            const { paste } = toEditMasks(mask, request.edit)
            const isPromised = (pixel: number): boolean => chosen.keepUnmasked && mask.data[pixel] === 0
            expectKept(picture, after, pixel => paste.data[pixel] === 0 || isPromised(pixel))
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

  it('widens the part around the mask to the proportions of a graph that has one size', async () => {
    const picture = { width: 300, height: 300, channels: 3 as const, data: bytesOf(270_000, 3) }
    const mask = { width: 300, height: 300, data: new Uint8Array(90_000) }
    for (let y = 140; y < 150; y++) mask.data.fill(255, y * 300 + 100, y * 300 + 180)
    const fixed = { ...limits, fixedSize: { width: 64, height: 64 } }
    const edit = await prepareEdit(
      requestOf({
        source: await keep(await encodePng(picture)),
        mask: await keepMask(mask),
        onlyMasked: true,
        grow: 0,
        feather: 0,
        padding: 0,
        pasteBlur: 0,
      }),
      folder,
      fixed,
      fixed.fixedSize,
    )
    const shown = edit.fitControl({ ...picture, data: markedAt(picture, 105) }, { width: 80, height: 80 })
    expect(shown.data.subarray(0, 3)).toEqual(Uint8Array.of(255, 255, 255)) // 80x80 around the mask begins at row 105
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
    expect(said(edit.notices)).toEqual(["The mask is 3x2 and was stretched to the picture's 30x20."])
    const after = edit.finish(anyRender(edit.size))
    expectKept({ width: 30, height: 20, channels: 3, data: bytesOf(1800, 1) }, after, i => i % 30 >= 10 || i >= 300)
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
  it('keeps the picture byte for byte inside, at any extension and overlap, with and without a mask', async () => {
    const side = fc.integer({ min: 0, max: 25 })
    const extend = fc.record({ left: side, top: side, right: side, bottom: side })
    const place = fc.record({ by: extend, overlap: fc.integer({ min: 0, max: 40 }) })
    await fc.assert(
      fc.asyncProperty(
        anyMask(30),
        place,
        fc.boolean(),
        fc.constantFrom(3 as const, 4 as const),
        async (mask, { by, overlap }, isMasked, channels) => {
          fc.pre(Object.values(by).some(pixels => pixels > 0) && (!isMasked || mask.data.some(value => value > 0)))
          const { width, height } = mask
          const data = bytesOf(width * height * channels, width)
          const source = await keep(await encodePng({ width, height, channels, data }))
          const painted = isMasked ? await keepMask(mask) : null
          const request = requestOf({ source, mask: painted, extend: by, overlap })
          const reach = (pixels: number): number => (pixels > 0 ? overlap : 0)
          const isOverlapped = (x: number, y: number): boolean =>
            x < reach(by.left) || y < reach(by.top) || x >= width - reach(by.right) || y >= height - reach(by.bottom)
          const edit = await prepareEdit(request, folder, limits, size)
          const after = edit.finish(anyRender(edit.size))
          expect([after.width, after.height]).toEqual([width + by.left + by.right, height + by.top + by.bottom])
          for (let y = 0; y < height; y++) {
            for (let x = 0; x < width; x++) {
              if ((isMasked && mask.data[y * width + x] > 0) || isOverlapped(x, y)) continue
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

  it('repaints the whole border, and over the overlap goes over into the picture', async () => {
    const source = await keep(await encodePng({ width: 20, height: 10, data: new Uint8Array(600).fill(40) }))
    const extend = { left: 0, top: 0, right: 12, bottom: 0 }
    const request = requestOf({ source, extend, overlap: 4, pasteBlur: 0 })
    const edit = await prepareEdit(request, folder, limits, size)
    const white = { dims: [], data: new Float32Array(3 * edit.size.width * edit.size.height).fill(1) }
    const after = edit.finish({ ...white, dims: [1, 3, edit.size.height, edit.size.width] })
    const row = Array.from({ length: 32 }, (_, x) => after.data[x * 3])
    const over = [32, 96, 159, 223].map(share => Math.round((share * 255 + (255 - share) * 40) / 255))
    expect(row).toEqual([...Array<number>(16).fill(40), ...over, ...Array<number>(12).fill(255)])
  })
})

describe('an edit of an area', () => {
  const gray = { width: 96, height: 64, channels: 3 as const, data: new Uint8Array(96 * 64 * 3).fill(90) }
  const area = { left: 10, top: 8, right: 50, bottom: 48 }
  const isInside = (pixel: number): boolean => {
    const [x, y] = [pixel % 96, Math.floor(pixel / 96)]
    return x >= area.left && x < area.right && y >= area.top && y < area.bottom
  }

  it('renders the area alone and changes all of it where nothing is masked', async () => {
    const source = await keep(await encodePng(gray))
    const edit = await prepareEdit(requestOf({ source, area, pasteBlur: 0 }), folder, limits, size)
    expect(edit.size.width).toBe(edit.size.height)
    const after = edit.finish(anyRender(edit.size))
    expectKept(gray, after, pixel => !isInside(pixel))
    const changed = Array.from({ length: 96 * 64 }, (_, pixel) => after.data[pixel * 3] !== 90).filter(is => is)
    expect(changed.length).toBeGreaterThan(40 * 40 * 0.9)
  })

  it('changes only what is masked inside it, and fades in at its edge', async () => {
    const mask = { width: 96, height: 64, data: new Uint8Array(96 * 64).fill(255) }
    const request = requestOf({
      source: await keep(await encodePng(gray)),
      mask: await keepMask(mask),
      area,
      pasteBlur: 8,
    })
    const edit = await prepareEdit(request, folder, limits, size)
    const white = {
      dims: [1, 3, edit.size.height, edit.size.width],
      data: new Float32Array(3 * edit.size.width * edit.size.height).fill(1),
    }
    const after = edit.finish(white)
    expectKept(gray, after, pixel => !isInside(pixel))
    const row = [10, 14, 30].map(x => after.data[(30 * 96 + x) * 3])
    expect(row[0]).toBeLessThan(row[1])
    expect(row).toEqual([111, 193, 255])
  })

  it('that holds nothing of the mask is refused with its field', async () => {
    const mask = { width: 96, height: 64, data: new Uint8Array(96 * 64) }
    mask.data[0] = 255
    const request = requestOf({ source: await keep(await encodePng(gray)), mask: await keepMask(mask), area })
    await expect(prepareEdit(request, folder, limits, size)).rejects.toMatchObject({ issues: [{ path: 'edit.area' }] })
  })
})

describe('an edit with strokes', () => {
  it('begins with them, and keeps every byte that was neither painted over nor masked', async () => {
    const picture = { width: 64, height: 48, data: bytesOf(64 * 48 * 3, 3) }
    const strokes = { width: 64, height: 48, channels: 4 as const, data: new Uint8Array(64 * 48 * 4) }
    for (const pixel of [0, 70, 64 * 20 + 30]) strokes.data.set([250, 10, 20, 255], pixel * 4)
    const mask = { width: 64, height: 48, data: new Uint8Array(64 * 48) }
    mask.data[64 * 20 + 31] = 255
    const request = requestOf({
      source: await keep(await encodePng(picture)),
      strokes: await keep(await encodePng(strokes)),
      mask: await keepMask(mask),
    })
    const edit = await prepareEdit(request, folder, limits, size)
    const after = edit.finish(anyRender(edit.size))
    const isPainted = (pixel: number): boolean => strokes.data[pixel * 4 + 3] > 0
    expectKept(
      { ...picture, channels: 3 },
      { ...after, channels: 3 },
      pixel => !isPainted(pixel) && mask.data[pixel] === 0,
    )
    expect(Array.from(after.data.slice(70 * 3, 70 * 3 + 3))).toEqual([250, 10, 20])
  })

  it('of another size than the picture is refused with its field', async () => {
    const strokes = await keep(await encodePng({ width: 5, height: 5, channels: 4, data: new Uint8Array(100) }))
    const source = await keep(await encodePng({ width: 6, height: 5, data: new Uint8Array(90) }))
    const refused = prepareEdit(requestOf({ source, strokes }), folder, limits, size)
    await expect(refused).rejects.toMatchObject({ issues: [{ path: 'edit.strokes', value: '5x5' }] })
  })
})
