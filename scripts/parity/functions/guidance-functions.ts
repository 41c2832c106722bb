/** Guidance and embeddings: sections of a golden file of pure functions. */
import { z } from 'zod'
import { guide, rescaleGuided } from '#pipeline/guidance/classifier-free'
import { embedGuidance } from '#pipeline/guidance/embedded-guidance'
import { elementCount } from '#pipeline/tensor'
import { embedTime } from '#pipeline/time-embedding'
import { parityCase } from '../comparison.ts'
import { absoluteSum, decodeFloat32, shapeIn, toyArrays } from '../toy-values.ts'
import { section } from './section.ts'

const numbers = z.array(z.number())

export const classifierFree = section(
  z.object({
    inputs: z.string(),
    cases: z.array(
      z.object({
        guidance_scale: z.number(),
        guidance_rescale: z.number(),
        abs_sum: z.number(),
        out_f32_base64: z.string(),
      }),
    ),
  }),
  ({ inputs, cases }) => {
    const shape = shapeIn(inputs)
    const [negative, positive] = toyArrays(inputs, elementCount(shape))
    return cases.map(c =>
      parityCase(`scale ${c.guidance_scale}, rescale ${c.guidance_rescale}`, comparison => {
        const guided = guide(negative, positive, c.guidance_scale)
        const result = rescaleGuided(guided, positive, c.guidance_rescale, shape[0])
        comparison.close('out', decodeFloat32(c.out_f32_base64), result, { absolute: 1e-6, relative: 1e-6 })
        comparison.close('abs_sum', c.abs_sum, absoluteSum(result), { relative: 1e-6 })
      }),
    )
  },
)

/** The file's own note allows 1e-3: one unit in the last place of exp moves an angle of thousands by 5e-4 (torch versions differ by it). */
const OF_THOUSANDS = { absolute: 1e-3 }
const OF_TIMESTEPS = { absolute: 1e-4 }

export const guidanceEmbedding = section(
  z.object({
    cases: z.array(
      z.object({
        guidance_scale: z.number(),
        embedding_dim: z.number(),
        first8: numbers,
        sin_part_last4: numbers,
        cos_part_first4: numbers,
        last4: numbers,
      }),
    ),
  }),
  ({ cases }) =>
    cases.map(c =>
      parityCase(`scale ${c.guidance_scale}, ${c.embedding_dim} features`, comparison => {
        const features = embedGuidance(c.guidance_scale, c.embedding_dim)
        const half = Math.floor(c.embedding_dim / 2)
        comparison.close('first8', c.first8, features.slice(0, 8), OF_THOUSANDS)
        comparison.close('sin_part_last4', c.sin_part_last4, features.slice(half - 4, half), OF_THOUSANDS)
        comparison.close('cos_part_first4', c.cos_part_first4, features.slice(half, half + 4), OF_THOUSANDS)
        comparison.close('last4', c.last4, features.slice(-4), OF_THOUSANDS)
      }),
    ),
)

export const timestepEmbedding = section(
  z.object({
    cases: z.array(
      z.object({
        t: z.number(),
        dim: z.number(),
        flip_sin_to_cos: z.boolean(),
        downscale_freq_shift: z.number(),
        first4: numbers,
        last4: numbers,
      }),
    ),
  }),
  ({ cases }) =>
    cases.map(c =>
      parityCase(`t ${c.t}`, comparison => {
        const options = { dim: c.dim, cosineFirst: c.flip_sin_to_cos, shift: c.downscale_freq_shift }
        const features = embedTime(c.t, options)
        comparison.close('first4', c.first4, features.slice(0, 4), OF_TIMESTEPS)
        comparison.close('last4', c.last4, features.slice(-4), OF_TIMESTEPS)
      }),
    ),
)
