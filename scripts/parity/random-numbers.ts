/** Cases of torch's CPU generator: the ends and the sum of a draw, and of a second draw from the same generator. */
import { z } from 'zod'
import { TorchCpuGenerator } from '#pipeline/random/torch-cpu'
import { parityCase, type ParityCase } from './comparison.ts'

/** The references come from builds whose log, sin and cos differ in the last bit. */
const ABSOLUTE = 1e-6

const caseSchema = z.object({
  seed: z.number(),
  shape: z.array(z.number()),
  dtype: z.enum(['float32', 'float64']).default('float32'),
  first8: z.array(z.number()),
  last8: z.array(z.number()),
  sum_f64: z.number(),
  second_draw_first4: z.array(z.number()),
  second_draw_last4: z.array(z.number()),
})

export const randomNumbersSchema = z.object({
  rand_seed0_first8: z.array(z.number()).optional(),
  cases: z.array(caseSchema),
})

export function randomNumberCases({ rand_seed0_first8, cases }: z.infer<typeof randomNumbersSchema>): ParityCase[] {
  const normal = cases.map(c =>
    parityCase(`randn seed ${c.seed} [${c.shape.join(', ')}]`, comparison => {
      const generator = new TorchCpuGenerator(c.seed)
      const draw = () => (c.dtype === 'float32' ? generator.normal(c.shape) : generator.normalFloat64(c.shape))
      const [first, second] = [draw(), draw()]
      let sum = 0
      for (const value of first) sum += value
      comparison.close('first', c.first8, first.slice(0, c.first8.length), { absolute: ABSOLUTE })
      comparison.close('last', c.last8, first.slice(-c.last8.length), { absolute: ABSOLUTE })
      comparison.close('sum', c.sum_f64, sum, { absolute: ABSOLUTE * first.length })
      comparison.close('second', c.second_draw_first4, second.slice(0, c.second_draw_first4.length), {
        absolute: ABSOLUTE,
      })
      comparison.close('end of second', c.second_draw_last4, second.slice(-c.second_draw_last4.length), {
        absolute: ABSOLUTE,
      })
    }),
  )
  if (rand_seed0_first8 === undefined) return normal
  const uniform = parityCase('rand seed 0', comparison => {
    const words = new TorchCpuGenerator(0).uniform([rand_seed0_first8.length])
    comparison.exact('rand', rand_seed0_first8.map(Math.fround), words)
  })
  return [uniform, ...normal]
}
