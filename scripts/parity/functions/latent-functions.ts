/** Packing, posteriors, masks in latent space: sections of a golden file of pure functions. */
import { z } from 'zod'
import { createAutoencoder, samplePosterior } from '#pipeline/autoencoder'
import { imageIds, packFillMask, packLatents, shiftOfTokens, unpackLatents } from '#pipeline/flux-latents'
import { blendMasked, nearestIndex, resizeNearest, toMask } from '#pipeline/masks'
import type { Session } from '#pipeline/session'
import { elementCount, type FloatTensor } from '#pipeline/tensor'
import { parityCase } from '../comparison.ts'
import { absoluteSum, shapeIn, toyArrays, toyMask } from '../toy-values.ts'
import { section } from './section.ts'

const numbers = z.array(z.number())

/** FLUX.1's scheduler config; a case may bring its own. */
const FLUX_SHIFT = { base_seq_len: 256, max_seq_len: 4096, base_shift: 0.5, max_shift: 1.15 }

export const calculateShift = section(
  z.object({
    cases: z.array(
      z.object({
        image_seq_len: z.number(),
        mu: z.number(),
        base_seq_len: z.number().default(FLUX_SHIFT.base_seq_len),
        max_seq_len: z.number().default(FLUX_SHIFT.max_seq_len),
        base_shift: z.number().default(FLUX_SHIFT.base_shift),
        max_shift: z.number().default(FLUX_SHIFT.max_shift),
      }),
    ),
  }),
  ({ cases }) =>
    cases.map(c =>
      parityCase(`${c.image_seq_len} tokens`, comparison => {
        const range = {
          baseTokens: c.base_seq_len,
          maxTokens: c.max_seq_len,
          baseShift: c.base_shift,
          maxShift: c.max_shift,
        }
        comparison.close('mu', c.mu, shiftOfTokens(c.image_seq_len, range), { relative: 1e-14 })
      }),
    ),
)

export const fluxPack = section(
  z
    .object({
      input: z.string(),
      packed_shape: numbers,
      packed_row0: numbers,
      packed_row1: numbers,
      packed_last_row: numbers,
      unpack_args: z.object({ height_px: z.number(), width_px: z.number(), vae_scale_factor: z.number() }),
    })
    .catchall(z.unknown()),
  record => {
    const plain = countingTensor(shapeIn(record.input))
    const packed = packLatents(plain)
    const features = packed.dims[2]
    const token = (index: number) => packed.data.slice(index * features, (index + 1) * features)
    return [
      parityCase('pack', comparison => {
        comparison.exact('shape', record.packed_shape, packed.dims)
        comparison.exact('row 0', record.packed_row0, token(0))
        comparison.exact('row 1', record.packed_row1, token(1))
        comparison.exact('last row', record.packed_last_row, packed.data.slice(-features))
      }),
      parityCase('unpack', comparison => {
        const { height_px, width_px, vae_scale_factor } = record.unpack_args
        const [height, width] = [height_px, width_px].map(pixels => 2 * Math.floor(pixels / (2 * vae_scale_factor)))
        comparison.exact('shape', plain.dims, unpackLatents(packed, height, width).dims)
        comparison.exact('values', plain.data, unpackLatents(packed, height, width).data)
      }),
      ...Object.entries(record)
        .filter(([name]) => name.startsWith('image_ids_'))
        .map(([name, expected]) =>
          parityCase(name, comparison => {
            const [rows, columns] = [...name.matchAll(/\d+/g)].map(Number)
            comparison.exact('ids', z.array(numbers).parse(expected).flat(), imageIds(rows, columns).data)
          }),
        ),
    ]
  },
)

export const fluxFillMask = section(
  z.object({
    input: z.string(),
    shape: numbers,
    row0_first16: numbers,
    row0_last8: numbers,
    row_last_first8: numbers,
  }),
  record => [
    parityCase('pack', comparison => {
      const { dims, data } = packFillMask(countingTensor(shapeIn(record.input)), 8)
      const features = dims[2]
      comparison.exact('shape', record.shape, dims)
      comparison.exact('start of row 0', record.row0_first16, data.slice(0, 16))
      comparison.exact('end of row 0', record.row0_last8, data.slice(features - 8, features))
      comparison.exact('start of the last row', record.row_last_first8, data.slice(-features).slice(0, 8))
    }),
  ],
)

/** The factors of the families that the section names. */
const SCALINGS: Record<string, { scaling_factor: number; shift_factor?: number }> = {
  scaled_sd15_first4: { scaling_factor: 0.18215 },
  scaled_sdxl_first4: { scaling_factor: 0.13025 },
  scaled_flux_first4: { scaling_factor: 0.3611, shift_factor: 0.1159 },
  scaled_sd3_first4: { scaling_factor: 1.5305, shift_factor: 0.0609 },
}

export const vaePosterior = section(
  z
    .object({ input: z.string(), sample_first8: numbers, sample_last4: numbers, abs_sum: z.number() })
    .catchall(z.unknown()),
  record => {
    const dims = shapeIn(record.input)
    const [mean, variance, noise] = readPosterior(record.input, elementCount(dims))
    const sample = samplePosterior({ mean: { dims, data: mean }, logVariance: { dims, data: variance } }, () => noise)
    const tolerance = { relative: 1e-6, absolute: 1e-6 }
    return [
      parityCase('sample', comparison => {
        comparison.close('first 8', record.sample_first8, sample.data.slice(0, 8), tolerance)
        comparison.close('last 4', record.sample_last4, sample.data.slice(-4), tolerance)
        comparison.close('abs_sum', record.abs_sum, absoluteSum(sample.data), { relative: 1e-6 })
      }),
      ...Object.entries(record)
        .filter(([name]) => name.startsWith('scaled_'))
        .map(([name, expected]) =>
          parityCase(name, comparison => {
            const config = SCALINGS[name]
            if (config === undefined) throw new Error(`the factors of ${name} are not known`)
            const autoencoder = createAutoencoder({ decoder: DECODER, openEncoder: null, config, inTiles: false })
            const scaled = autoencoder.toScaled(sample).data.slice(0, 4)
            comparison.close('values', numbers.parse(expected), scaled, tolerance)
          }),
        ),
    ]
  },
)

/** Only its channel count is read. */
const DECODER: Session = {
  inputs: [{ name: 'latent_sample', dtype: 'float32', shape: ['batch', 4, 'height', 'width'] }],
  outputs: [],
  run: () => Promise.reject(new Error('not a session')),
  release: () => Promise.resolve(),
}

/** "mean[i]=((i*37)%101-50)/25; logvar[i]=((i*41)%103-51)/2 ..., noise[i]=..." */
function readPosterior(text: string, count: number): Float32Array[] {
  return ['mean', 'logvar', 'noise'].map(name => {
    const start = text.indexOf(`${name}[i]=`)
    if (start === -1) throw new Error(`no ${name}[i] in "${text}"`)
    return toyArrays(text.slice(start), count)[0]
  })
}

export const nearestIndices = section(
  z.object({ cases: z.array(z.object({ in_: z.number(), out_: z.number(), src: numbers })) }),
  ({ cases }) =>
    cases.map(c =>
      parityCase(`${c.in_} to ${c.out_}`, comparison => {
        comparison.exact(
          'src',
          c.src,
          c.src.map((_, target) => nearestIndex(target, c.in_, c.out_)),
        )
      }),
    ),
)

const maskSection = z.object({ mask: z.string() })
const LATENT_CHANNELS = 4
const LATENT_FACTOR = 8

export const inpaintBlend = section(
  z.object({ input: z.string(), abs_sum: z.number(), first8: numbers }),
  (record, all) => [
    parityCase('blend', comparison => {
      const grey = toyMask(maskSection.parse(all.inpaint_mask).mask)
      const [height, width] = [grey.height / LATENT_FACTOR, grey.width / LATENT_FACTOR]
      const mask = resizeNearest(toMask(grey.data, grey.height, grey.width), height, width)
      const [latents, kept] = toyArrays(record.input, LATENT_CHANNELS * height * width)
      const blended = blendMasked(kept, latents, mask.data)
      comparison.close('first 8', record.first8, blended.slice(0, 8), { relative: 1e-6 })
      comparison.close('abs_sum', record.abs_sum, absoluteSum(blended), { relative: 1e-6 })
    }),
  ],
)

/** 0, 1, 2, ... in this shape. */
function countingTensor(shape: number[]): FloatTensor {
  return { dims: shape, data: Float32Array.from({ length: elementCount(shape) }, (_, i) => i) }
}
