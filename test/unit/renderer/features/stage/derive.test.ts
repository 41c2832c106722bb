import { expect, test } from 'vitest'
import { generationInputSchema } from '#contract/generation'
import { aModel, anImage, aRequest } from '#test/page-stores'
import {
  canZoomOut,
  enlargedSize,
  fitsStep,
  toEnlarged,
  toRedrawn,
  toVariations,
  toZoomedOut,
  redrawnSize,
} from '../../../../../renderer/features/stage/derive.ts'

const SOURCE = 'a'.repeat(64)
const model = aModel({ features: ['text-to-image', 'image-to-image', 'inpaint'], nativeSize: [512, 512] })
/** Made with a second pass: larger than its request says, and nothing of that pass may be asked for again. */
const image = anImage({
  width: 200,
  height: 312,
  request: aRequest({ width: 96, height: 152, hires: { scale: 2, strength: 0.5, steps: 9, from: 'latents' } }),
})

test('variations keep the picture itself and differ in the second seed, two in a row', () => {
  const cells = toVariations(image, 0.2, [5, 6, 7, 8])
  expect(cells.map(({ column, row }) => [column, row])).toEqual([
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ])
  expect(cells[3].input).toEqual({ ...image.request, variationSeed: 8, variationStrength: 0.2 })
})

test('twice the size of the picture as it is, in steps of 8, as a change of the picture', () => {
  const size = redrawnSize(image, model)
  expect(size).toEqual({ width: 400, height: 624 })
  const input = toRedrawn(image, { width: 400, height: 624 }, SOURCE)
  expect(input.hires).toBeUndefined()
  expect(input).toMatchObject({ width: 400, height: 624, edit: { source: SOURCE, mask: null } })
  expect(generationInputSchema.safeParse(input).success).toBe(true)
})

test('twice the size through a network needs nothing of the model that painted, and keeps the words', () => {
  expect(enlargedSize(image)).toEqual({ width: 400, height: 624 })
  expect(enlargedSize({ ...image, height: 2056 })).toBeNull()
  const input = toEnlarged(image, { width: 400, height: 624 }, SOURCE, 'sharp-x2')
  const { prompt } = image.request
  expect(input).toMatchObject({ model: 'sharp-x2', prompt, width: 400, height: 624, edit: { source: SOURCE } })
  expect(generationInputSchema.safeParse(input).success).toBe(true)
})

test('no larger picture where the model cannot start from one, makes one size only, or there is no model', () => {
  expect(redrawnSize(image, aModel({ features: ['text-to-image'] }))).toBeNull()
  expect(redrawnSize(image, { ...model, fixedSize: [64, 64] })).toBeNull()
  expect(redrawnSize(image, null)).toBeNull()
  expect(redrawnSize({ ...image, height: 2056 }, model)).toBeNull()
})

test('a model paints again at twice the size what it was trained to see, and a small one only a little beyond that', () => {
  const square = (side: number) => anImage({ width: side, height: side })
  expect(redrawnSize(square(512), model)).toEqual({ width: 1024, height: 1024 })
  expect(redrawnSize(square(520), model)).toBeNull()
  const small = { ...model, nativeSize: [128, 128] as [number, number] }
  expect(redrawnSize(square(128), small)).toBeNull()
  expect(redrawnSize(square(96), small)).toEqual({ width: 192, height: 192 })
  expect(redrawnSize(square(128), { ...model, nativeSize: null })).toEqual({ width: 256, height: 256 })
})

test('zooming out leaves the picture in the middle and makes up as much on every side as the factor says', () => {
  const input = toZoomedOut(image, 2, SOURCE)
  expect(input.edit?.extend).toEqual({ left: 100, right: 100, top: 156, bottom: 156 })
  expect(input).toMatchObject({ width: 296, height: 464, edit: { strength: 1, mask: null } })
  expect(generationInputSchema.safeParse(input).success).toBe(true)
  expect(canZoomOut(image, 2, model)).toBe(true)
  expect(canZoomOut({ ...image, width: 3000 }, 1.5, model)).toBe(false)
  expect(canZoomOut(image, 2, aModel({ features: ['text-to-image'] }))).toBe(false)
})

test('a picture whose sides are no steps of 8 keeps the size that was set', () => {
  expect(fitsStep({ width: 128, height: 96 })).toBe(true)
  expect(fitsStep({ width: 130, height: 96 })).toBe(false)
  expect(fitsStep({ width: 32, height: 96 })).toBe(false)
})
