/** Tables of noise schedules: betas and cumulative alphas, flow-matching sigmas, timesteps with trailing spacing. */
import { z } from 'zod'
import { createNoiseSchedule, trainingSigmas, BETA_SCHEDULES } from '#pipeline/noise-schedule'
import { createSchedulerOfClass } from '#pipeline/schedulers/index'
import { roundHalfEven } from '#pipeline/schedulers/numbers'
import { parityCase, type ParityCase } from './comparison.ts'
import { decodeFloat32 } from './toy-values.ts'

/** Single float32 operations in the reference's order; a last bit may differ where libms do. */
const TABLE = { relative: 2e-7, absolute: 1e-9 }

export const noiseScheduleSchema = z.object({
  name: z.string(),
  config: z.object({
    beta_start: z.number().default(0.0001),
    beta_end: z.number().default(0.02),
    beta_schedule: z.enum(BETA_SCHEDULES),
    trained_betas: z.array(z.number()).nullable().default(null),
    rescale_betas_zero_snr: z.boolean().default(false),
  }),
  n: z.number(),
  betas_b64: z.string(),
  alphas_cumprod_b64: z.string(),
  sigma_min: z.number(),
  sigma_max: z.union([z.number(), z.literal('Infinity')]),
})

export function noiseScheduleCase(record: z.infer<typeof noiseScheduleSchema>): ParityCase {
  return parityCase(record.name, comparison => {
    const { config } = record
    const { betas, alphasCumprod } = createNoiseSchedule({
      steps: record.n,
      betaStart: config.beta_start,
      betaEnd: config.beta_end,
      schedule: config.beta_schedule,
      trainedBetas: config.trained_betas,
      zeroTerminalSnr: config.rescale_betas_zero_snr,
    })
    const sigmas = trainingSigmas(alphasCumprod)
    comparison.close('betas', decodeFloat32(record.betas_b64), betas, TABLE)
    comparison.close('alphas_cumprod', decodeFloat32(record.alphas_cumprod_b64), alphasCumprod, TABLE)
    comparison.close('sigma_min', record.sigma_min, sigmas[0], { relative: 1e-6 })
    comparison.close('sigma_max', Number(record.sigma_max), sigmas[record.n - 1], { relative: 1e-6 })
  })
}

export const flowScheduleSchema = z.object({
  name: z.string(),
  config: z.record(z.string(), z.unknown()).default({}),
  n: z.number(),
  sigmas_train_b64: z.string(),
  sigma_min: z.number(),
  sigma_max: z.number(),
})

/** The training sigmas are those of as many steps as in training, with the shift once: given as custom sigmas. */
export function flowScheduleCase(record: z.infer<typeof flowScheduleSchema>): ParityCase {
  return parityCase(record.name, comparison => {
    const [, shift = '1'] = /shift([\d.]+)/.exec(record.name) ?? []
    const config = { num_train_timesteps: record.n, shift: Number(shift), ...record.config }
    const scheduler = createSchedulerOfClass('FlowMatchEulerDiscreteScheduler', config)
    scheduler.setTimesteps({
      sigmas: Array.from({ length: record.n }, (_, i) => Math.fround((record.n - i) / record.n)),
    })
    const sigmas = (scheduler.sigmas ?? new Float32Array()).slice(0, record.n)
    comparison.close('sigmas', decodeFloat32(record.sigmas_train_b64), sigmas, TABLE)
    comparison.close('sigma_min', record.sigma_min, sigmas[record.n - 1], { relative: 1e-6 })
    comparison.close('sigma_max', record.sigma_max, sigmas[0], { relative: 1e-6 })
  })
}

export const trailingSpacingSchema = z.object({
  n_with_extra_step: z.array(z.number()),
  n_where_naive_1000_minus_i_times_step_differs: z.array(z.number()),
  cases: z.array(z.object({ n: z.number(), len: z.number(), all: z.array(z.number()) })),
})

/** numpy's float error makes one step too many for some numbers of steps; equal to it for each of 1 to 1000. */
export function trailingSpacingCases(record: z.infer<typeof trailingSpacingSchema>): ParityCase[] {
  const timestepsOf = (steps: number): Float64Array => {
    const scheduler = createSchedulerOfClass('DDIMScheduler', { timestep_spacing: 'trailing' })
    scheduler.setTimesteps({ steps })
    return scheduler.timesteps
  }
  const all = Array.from({ length: 1000 }, (_, i) => i + 1)
  const naive = (steps: number, i: number) => roundHalfEven(1000 - i * (1000 / steps)) - 1
  return [
    ...record.cases.map(c =>
      parityCase(`trailing ${c.n} steps`, comparison => {
        comparison.exact('length', c.len, timestepsOf(c.n).length)
        comparison.exact('timesteps', c.all, timestepsOf(c.n))
      }),
    ),
    parityCase('trailing: step counts with one step more', comparison => {
      comparison.exact(
        'n',
        record.n_with_extra_step,
        all.filter(n => timestepsOf(n).length !== n),
      )
    }),
    parityCase('trailing: step counts that differ from the plain formula', comparison => {
      const differing = all.filter(n => {
        const timesteps = timestepsOf(n)
        return timesteps.length !== n || timesteps.some((t, i) => t !== naive(n, i))
      })
      comparison.exact('n', record.n_where_naive_1000_minus_i_times_step_differs, differing)
    }),
  ]
}
