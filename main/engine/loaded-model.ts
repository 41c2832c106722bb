/** The model that is in memory: opened once, kept from job to job, replaced when another folder, thread count or provider is asked for. */
import { AppError } from '#contract/errors'
import type { Provider } from '#contract/providers'
import { openComponents, type Components } from '#pipeline/components'
import type { LatentPreview, MisfitWord } from '#pipeline/model-files'
import type { SchedulerConfig } from '#pipeline/schedulers/scheduler'
import { createProviderChain, type ProviderChain } from '#pipeline/provider-chain'
import type { CreateSession } from '#pipeline/session'
import type { EngineJob } from './engine.ts'
import { readGraphWeight } from './read-graph-weight.ts'
import { embeddingsState, openModelFiles } from './embeddings/open-model-files.ts'

export interface LoadedModel {
  components: Components
  schedulerConfig: SchedulerConfig
  /** From the manifest or published; null until one was fitted to the first decoded picture. */
  preview: LatentPreview | null
  /** Embeddings of the user's that do not fit it. */
  misfits: readonly MisfitWord[]
  providers: Pick<ProviderChain, 'notices' | 'provider'>
}

/** What of a job decides how a model is opened. */
export type OpeningChoice = Pick<EngineJob, 'modelFolder' | 'threads' | 'provider'>

export interface ModelHolder {
  get(choice: OpeningChoice): Promise<LoadedModel>
  /** Whether `get` would have to load. */
  holds(choice: OpeningChoice): boolean
  /** What the model in memory runs on. */
  provider(): Provider
  release(): Promise<void>
}

/** `userFolder` is the data folder, where embeddings for all models lie; null where there is none. */
export function createModelHolder(createSession: CreateSession, userFolder: string | null): ModelHolder {
  let held: { key: string; words: string; model: LoadedModel } | null = null

  async function release(): Promise<void> {
    const old = held
    held = null
    await old?.model.components.release()
  }

  return {
    release,
    provider: () => held?.model.providers.provider() ?? 'cpu',
    holds: choice => held?.key === keyOf(choice),
    async get(choice) {
      const key = keyOf(choice)
      const words = await embeddingsState(choice.modelFolder, userFolder)
      if (held?.key === key && held.words === words) return held.model
      await release() // first, so that two large models are never in memory together
      const model = await load(choice, createSession, userFolder)
      held = { key, words, model }
      return model
    },
  }
}

async function load(
  { modelFolder: folder, threads, provider }: OpeningChoice,
  createSession: CreateSession,
  userFolder: string | null,
): Promise<LoadedModel> {
  const files = await openModelFiles(folder, userFolder)
  const { schedulerConfig } = files
  if (schedulerConfig === null) {
    throw new AppError('model-missing', `The model in ${folder} has no scheduler/scheduler_config.json.`, {
      details: { file: 'scheduler/scheduler_config.json', folder },
    })
  }
  const providers = createProviderChain(createSession, provider)
  const components = await openComponents(files, {
    createSession: providers.createSession,
    readWeight: readGraphWeight,
    threads,
  })
  return {
    components,
    schedulerConfig,
    misfits: files.misfits,
    preview: files.latentPreview ?? components.autoencoder.publishedPreview,
    providers,
  }
}

function keyOf({ modelFolder, threads, provider }: OpeningChoice): string {
  return `${threads} ${provider} ${modelFolder}`
}
