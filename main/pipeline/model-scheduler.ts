/** The sampler of a request with the noise schedule of a model: the model's config, changed only where the request says so. */
import type { SchedulerId, SigmaSchedule } from '#contract/generation'
import { AlignedSteps, type AlignedTable } from './schedulers/aligned-steps.ts'
import { configFor } from './schedulers/config-for.ts'
import { createScheduler } from './schedulers/index.ts'
import type { Scheduler, SchedulerConfig } from './schedulers/scheduler.ts'
import type { TensorInfo } from './session.ts'

/**
 * `inputs`: those of the denoising network. Throws `invalid-input` for a choice that does not fit the model,
 * `model-incompatible` for a wrong field of its config.
 */
export function createModelScheduler(
  config: SchedulerConfig,
  id: SchedulerId,
  sigmas: SigmaSchedule,
  inputs: readonly TensorInfo[],
): Scheduler {
  const scheduler = createScheduler(id, configFor(id, sigmas, config))
  return sigmas === 'align-your-steps' ? new AlignedSteps(scheduler, alignedTable(inputs)) : scheduler
}

/** Sizes as a condition are what tells SDXL's networks from those of SD 1 and 2. */
function alignedTable(inputs: readonly TensorInfo[]): AlignedTable {
  return inputs.some(input => input.name === 'time_ids') ? 'sdxl' : 'sd'
}
