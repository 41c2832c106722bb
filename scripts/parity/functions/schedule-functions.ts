/** Strength, ControlNet intervals, sizes, the handover to a refiner: sections of a golden file of pure functions. */
import { z } from 'zod'
import { guessModeScales, isControlled } from '#pipeline/control-schedule'
import { createSchedulerOfClass } from '#pipeline/schedulers/index'
import { baseTimeIds, refinerTimeIds } from '#pipeline/size-conditions'
import { firstStepOf } from '#contract/strength'
import { callsBeforeHandover, firstCallAfterHandover, handoverTimestep } from '#pipeline/strength'
import { parityCase } from '../comparison.ts'
import { section } from './section.ts'

const numbers = z.array(z.number())
const pair = z.tuple([z.number(), z.number()])

const strengthCase = z.object({
  n: z.number(),
  strength: z.number(),
  sd_t_start: z.number(),
  sd_effective_steps: z.number(),
  flow_t_start: z.number(),
  flow_effective_steps: z.number(),
})

/** `differs` repeats the cases in which the two roundings differ. */
const strengthSection = z.object({ cases: z.array(strengthCase), differs: z.array(strengthCase).default([]) })

export const strengthTable = section(strengthSection, ({ cases, differs }) =>
  [...cases, ...differs].map(c =>
    parityCase(`${c.n} steps, strength ${c.strength}`, comparison => {
      const [sd, flow] = (['down', 'up'] as const).map(rounding => firstStepOf(c.n, c.strength, rounding))
      comparison.exact('sd_t_start', c.sd_t_start, sd)
      comparison.exact('sd_effective_steps', c.sd_effective_steps, c.n - sd)
      comparison.exact('flow_t_start', c.flow_t_start, flow)
      comparison.exact('flow_effective_steps', c.flow_effective_steps, c.n - flow)
    }),
  ),
)

export const controlNetKeep = section(
  z
    .object({ cases: z.array(z.object({ n: z.number(), start: z.number(), end: z.number(), keep: numbers })) })
    .catchall(z.unknown()),
  record => [
    ...record.cases.map(c =>
      parityCase(`${c.n} steps from ${c.start} to ${c.end}`, comparison => {
        const keep = Array.from({ length: c.n }, (_, i) => (isControlled(i, c.n, c.start, c.end) ? 1 : 0))
        comparison.exact('keep', c.keep, keep)
      }),
    ),
    ...Object.entries(record)
      .filter(([name]) => name.startsWith('guess_mode_scales_'))
      .map(([name, expected]) =>
        parityCase(name, comparison => {
          const scales = numbers.parse(expected)
          comparison.close('scales', scales, guessModeScales(scales.length), { relative: 2e-7 })
        }),
      ),
  ],
)

const sizeCase = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('base'), original_size: pair, crops: pair, target_size: pair, time_ids: numbers }),
  z.object({
    kind: z.literal('refiner'),
    original_size: pair,
    crops: pair,
    aesthetic: z.number(),
    negative_aesthetic: z.number(),
    time_ids: numbers,
    negative_time_ids: numbers,
  }),
])

export const timeIds = section(z.object({ cases: z.array(sizeCase) }), ({ cases }) =>
  cases.map((c, i) =>
    parityCase(`${c.kind} ${i}`, comparison => {
      const sizes = { original: c.original_size, crop: c.crops }
      if (c.kind === 'base') {
        comparison.exact('time_ids', c.time_ids, baseTimeIds({ ...sizes, target: c.target_size }))
        return
      }
      comparison.exact('time_ids', c.time_ids, refinerTimeIds(sizes, c.aesthetic))
      comparison.exact('negative_time_ids', c.negative_time_ids, refinerTimeIds(sizes, c.negative_aesthetic))
    }),
  ),
)

/** SDXL's own scheduler config. */
const SDXL_SCHEDULER = {
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  timestep_spacing: 'leading',
  steps_offset: 1,
  num_train_timesteps: 1000,
}

export const handover = section(
  z.object({
    cases: z.array(
      z.object({
        n: z.number(),
        fraction: z.number(),
        cutoff: z.number(),
        base_steps: z.number(),
        refiner_steps: z.number(),
        base_last_t: z.number(),
        refiner_first_t: z.number(),
      }),
    ),
  }),
  ({ cases }) =>
    cases.map(c =>
      parityCase(`${c.n} steps, ${c.fraction}`, comparison => {
        const scheduler = createSchedulerOfClass('EulerDiscreteScheduler', SDXL_SCHEDULER)
        scheduler.setTimesteps({ steps: c.n })
        const { timesteps, order } = scheduler
        const cutoff = handoverTimestep(c.fraction, SDXL_SCHEDULER.num_train_timesteps)
        const base = callsBeforeHandover(timesteps, cutoff)
        const first = firstCallAfterHandover(timesteps, cutoff, order)
        comparison.exact('cutoff', c.cutoff, cutoff)
        comparison.exact('base_steps', c.base_steps, base)
        comparison.exact('base_last_t', c.base_last_t, timesteps[base - 1])
        comparison.exact('refiner_steps', c.refiner_steps, timesteps.length - first)
        comparison.exact('refiner_first_t', c.refiner_first_t, timesteps[first])
      }),
    ),
)
