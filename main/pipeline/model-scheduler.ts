/** The sampler of a request with the noise schedule of a model: the model's config, changed only where the request says so. */
import type { SchedulerId, SigmaSchedule } from '#contract/generation'
import { createScheduler } from './schedulers/index.ts'
import type { Scheduler, SchedulerConfig } from './schedulers/scheduler.ts'

export function createModelScheduler(config: SchedulerConfig, id: SchedulerId, sigmas: SigmaSchedule): Scheduler {
  return createScheduler(id, withSigmas(config, sigmas))
}

function withSigmas(config: SchedulerConfig, sigmas: SigmaSchedule): SchedulerConfig {
  switch (sigmas) {
    case 'model':
      return config
    case 'karras':
      return { ...config, use_karras_sigmas: true }
  }
}
