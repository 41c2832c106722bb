/** Pictures before and after the model: sections of a golden file of pure functions. */
import { z } from 'zod'
import { cropRegion } from '#contract/mask/crop-region'
import { boundsOf, emptyMask } from '#contract/mask/grey-mask'
import { fitImage, toMultiple, type FitMode } from '#imaging/fit'
import type { PixelImage } from '#imaging/pixel-image'
import { resizeImage } from '#imaging/resample'
import { hideMasked, resizeNearest, toMask } from '#pipeline/masks'
import { fromRgbImage, toRgbImage } from '#pipeline/pixels'
import { roundHalfEven } from '#pipeline/schedulers/numbers'
import { elementCount } from '#pipeline/tensor'
import { parityCase, type ParityCase } from '../comparison.ts'
import { absoluteSum, decodeBytes, shapeIn, toyArrays, toyMask, toyPicture } from '../toy-values.ts'
import { section } from './section.ts'

const numbers = z.array(z.number())
const FIT_OF_MODE: Record<string, FitMode> = { default: 'stretch', crop: 'crop', fill: 'fill' }

const resizeCase = z.object({
  mode: z.string().default('default'),
  src_w: z.number(),
  src_h: z.number(),
  height: z.number().nullable(),
  width: z.number().nullable(),
  out_shape: numbers,
  first8: numbers,
  last8: numbers,
  u8_base64: z.string(),
})

export const imagePreprocess = section(
  z.object({
    source: z.string(),
    image: z.string(),
    default: z.array(resizeCase).default([]),
    modes: z.array(resizeCase).default([]),
  }),
  record => {
    const factor = Number(/vae_scale_factor (\d+)/.exec(record.source)?.[1])
    return [...record.default, ...record.modes].map(c => resizeParity(record.image, factor, c))
  },
)

function resizeParity(formula: string, factor: number, c: z.infer<typeof resizeCase>): ParityCase {
  const size = `${c.src_w}x${c.src_h} to ${c.width ?? 'auto'}x${c.height ?? 'auto'}`
  return parityCase(`${c.mode} ${size}`, comparison => {
    const mode = FIT_OF_MODE[c.mode]
    if (mode === undefined) throw new Error(`the mode ${c.mode} is not known`)
    const image = toyPicture(formula, c.src_w, c.src_h)
    const whole = toMultiple(image, factor)
    const fitted = fitImage(image, { height: c.height ?? whole.height, width: c.width ?? whole.width }, mode)
    const tensor = fromRgbImage(fitted)
    comparison.exact('out_shape', c.out_shape, tensor.dims)
    comparison.exact('bytes', decodeBytes(c.u8_base64), toPlanes(fitted))
    comparison.close('first 8', c.first8, tensor.data.slice(0, 8), { absolute: 1e-7 })
    comparison.close('last 8', c.last8, tensor.data.slice(-8), { absolute: 1e-7 })
  })
}

/** Interleaved bytes -> one plane a channel. */
function toPlanes({ width, height, channels, data }: PixelImage): Uint8Array {
  const plane = width * height
  return Uint8Array.from({ length: data.length }, (_, i) => data[(i % plane) * channels + Math.floor(i / plane)])
}

export const imagePostprocess = section(
  z.object({ input: z.string(), np_HWC_first12: numbers, uint8_HWC: numbers }),
  record => [
    parityCase('postprocess', comparison => {
      const dims = shapeIn(record.input)
      const [data] = toyArrays(record.input, elementCount(dims))
      const [, , height, width] = dims
      const bytes = toRgbImage({ dims, data }, 0, { height, width }).data
      const ofUnit = record.np_HWC_first12.map(unit => roundHalfEven(Math.fround(unit * 255)))
      comparison.exact('bytes of the values in 0..1', ofUnit, bytes.slice(0, ofUnit.length))
      comparison.exact('bytes', record.uint8_HWC, bytes)
    }),
  ],
)

const pictureSection = z.object({ image: z.string() })

export const inpaintMask = section(
  z
    .object({
      mask: z.string(),
      mask_sum: z.number(),
      masked_image_abs_sum: z.number(),
    })
    .catchall(z.unknown()),
  (record, all) => {
    const grey = toyMask(record.mask)
    const { width, height } = grey
    const mask = toMask(grey.data, height, width)
    return [
      parityCase('mask', comparison => {
        comparison.exact('sum', record.mask_sum, absoluteSum(mask.data))
      }),
      parityCase('masked image', comparison => {
        const picture = toyPicture(pictureSection.parse(all.image_preprocess).image, width, height)
        const hidden = absoluteSum(hideMasked(fromRgbImage(picture), mask).data)
        comparison.close('abs_sum', record.masked_image_abs_sum, hidden, { relative: 1e-6 })
      }),
      ...Object.entries(record)
        .filter(([name]) => name.startsWith('latent_mask_'))
        .map(([name, expected]) =>
          parityCase(name, comparison => {
            const rows = z.array(numbers).parse(expected)
            comparison.exact('values', rows.flat(), resizeNearest(mask, rows.length, rows[0].length).data)
          }),
        ),
      ...Object.entries(record)
        .filter(([name]) => /^resized_\d+x\d+_sum$/.test(name))
        .map(([name, expected]) =>
          parityCase(name, comparison => {
            const [toHeight, toWidth] = [...name.matchAll(/\d+/g)].map(Number)
            const resized = resizeImage(grey, { height: toHeight, width: toWidth }, 'lanczos')
            comparison.exact('sum', expected, absoluteSum(toMask(resized.data, toHeight, toWidth).data))
          }),
        ),
    ]
  },
)

const box = z.tuple([z.number(), z.number(), z.number(), z.number()])

export const cropRegions = section(
  z.object({
    cases: z.array(
      z.object({
        mask_w: z.number(),
        mask_h: z.number(),
        box,
        pad: z.number(),
        width: z.number(),
        height: z.number(),
        region: box,
      }),
    ),
  }),
  ({ cases }) =>
    cases.map((c, i) =>
      parityCase(`region ${i}`, comparison => {
        const mask = emptyMask(c.mask_w, c.mask_h)
        const [left, top, right, bottom] = c.box
        for (let y = top; y < bottom; y++) mask.data.fill(255, y * c.mask_w + left, y * c.mask_w + right)
        const bounds = boundsOf(mask)
        if (bounds === null) throw new Error('the mask is empty')
        const region = cropRegion(bounds, c.pad, mask, c)
        comparison.exact('region', c.region, [region.left, region.top, region.right, region.bottom])
      }),
    ),
)
