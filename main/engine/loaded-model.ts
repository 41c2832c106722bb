/** The model that is in memory: opened once, kept from job to job, replaced when another folder or thread count is asked for. */
import { AppError } from '#contract/errors'
import { openComponents, type Components } from '#pipeline/components'
import type { LatentPreview } from '#pipeline/model-files'
import type { SchedulerConfig } from '#pipeline/schedulers/scheduler'
import type { CreateSession } from '#pipeline/session'
import { readGraphWeight } from './read-graph-weight.ts'
import { readModelFiles } from './read-model.ts'

export interface LoadedModel {
  components: Components
  schedulerConfig: SchedulerConfig
  /** From the manifest or published; null until one was fitted to the first decoded picture. */
  preview: LatentPreview | null
}

export interface ModelHolder {
  get(folder: string, threads: number): Promise<LoadedModel>
  /** Whether `get` would have to load. */
  holds(folder: string, threads: number): boolean
  release(): Promise<void>
}

export function createModelHolder(createSession: CreateSession): ModelHolder {
  let held: { key: string; model: LoadedModel } | null = null

  async function release(): Promise<void> {
    const old = held
    held = null
    await old?.model.components.release()
  }

  return {
    release,
    holds: (folder, threads) => held?.key === keyOf(folder, threads),
    async get(folder, threads) {
      const key = keyOf(folder, threads)
      if (held?.key === key) return held.model
      await release() // first, so that two large models are never in memory together
      const model = await load(folder, threads, createSession)
      held = { key, model }
      return model
    },
  }
}

async function load(folder: string, threads: number, createSession: CreateSession): Promise<LoadedModel> {
  const files = await readModelFiles(folder)
  const { schedulerConfig } = files
  if (schedulerConfig === null) {
    throw new AppError('model-missing', `The model in ${folder} has no scheduler/scheduler_config.json.`, {
      details: { file: 'scheduler/scheduler_config.json', folder },
    })
  }
  const components = await openComponents(files, { createSession, readWeight: readGraphWeight, threads })
  return { components, schedulerConfig, preview: files.latentPreview ?? components.autoencoder.publishedPreview }
}

function keyOf(folder: string, threads: number): string {
  return `${threads} ${folder}`
}
