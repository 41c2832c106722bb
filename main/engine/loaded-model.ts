/** The model that is in memory: opened once, kept from job to job, replaced when something else is asked for that decides how it is opened. */
import { AppError } from '#contract/errors'
import { providersFor, providersOf, type Provider } from '#contract/providers'
import { openComponents, type Components } from '#pipeline/components'
import type { JsonObject, LatentPreview, MisfitWord, UsableEmbedding } from '#pipeline/model-files'
import type { SchedulerConfig } from '#pipeline/schedulers/scheduler'
import { createMemoryBudget, ONE_AT_A_TIME } from '#pipeline/memory/memory-budget'
import type { CreateSession } from '#pipeline/session'
import type { EngineJob } from './engine.ts'
import { embeddingsState, openModelFiles } from './embeddings/open-model-files.ts'
import { chooseThreads, machineMemory } from './machine.ts'
import { withAutoencoder } from './with-autoencoder.ts'
import { readGraphSignature, readGraphWeight } from './read-graph.ts'

export interface LoadedModel {
  components: Components
  schedulerConfig: SchedulerConfig
  /** How upscalers noise the small picture; null for other models. */
  lowResSchedulerConfig: JsonObject | null
  /** From the manifest or published; null until one was fitted to the first decoded picture. */
  preview: LatentPreview | null
  /** Embeddings of the user's that do not fit it. */
  misfits: readonly MisfitWord[]
  /** Those that fit it. */
  embeddings: readonly UsableEmbedding[]
  /** What holds for every picture that it makes: parts of LoRAs that could not be used. */
  notices: readonly string[]
}

/** What of a job decides how a model is opened. */
export type OpeningChoice = Pick<
  EngineJob,
  'modelFolder' | 'vae' | 'loras' | 'threads' | 'provider' | 'memoryMb' | 'relief'
>

export interface ModelHolderOptions {
  createSession: CreateSession
  /** The data folder, where embeddings for all models lie; null where there is none. */
  userFolder: string | null
  /**
   * Called when a model has been dropped: what its runs gave is still there, as V8 sees only how little its own heap
   * has grown (16 MB more after 200 pictures of 64 pixels by four models in turn; none with it).
   */
  collectGarbage: () => void
}

export interface ModelHolder {
  /** As the embeddings' folders are now: with others than before it is loaded again. */
  get(choice: OpeningChoice): Promise<LoadedModel>
  /** The model in memory, whatever has become of the embeddings since; null where `get` would have to load another one. */
  find(choice: OpeningChoice): LoadedModel | null
  /** What computes the steps of the model in memory. */
  provider(): Provider
  /** What holds for every picture of the model in memory. */
  notices(): readonly string[]
  release(): Promise<void>
}

export function createModelHolder({ createSession, userFolder, collectGarbage }: ModelHolderOptions): ModelHolder {
  let held: { key: string; words: string; model: LoadedModel } | null = null
  const find = (choice: OpeningChoice) => (held?.key === keyOf(choice) ? held.model : null)

  async function release(): Promise<void> {
    const old = held
    held = null
    if (old === null) return
    await old.model.components.release()
    collectGarbage()
  }

  return {
    release,
    find,
    provider: () => held?.model.components.sessions.provider() ?? 'cpu',
    notices: () => held?.model.components.sessions.notices() ?? [],
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
  { modelFolder: folder, vae, loras, threads, provider, memoryMb, relief }: OpeningChoice,
  createSession: CreateSession,
  userFolder: string | null,
): Promise<LoadedModel> {
  const own = await openModelFiles(folder, userFolder, loras)
  const files = vae === undefined ? own : await withAutoencoder(own, vae.folder)
  const { schedulerConfig } = files
  if (schedulerConfig === null) {
    throw new AppError('model-missing', `The model in ${folder} has no scheduler/scheduler_config.json.`, {
      details: { file: 'scheduler/scheduler_config.json', folder },
    })
  }
  const components = await openComponents(files, {
    createSession,
    readWeight: readGraphWeight,
    readSignature: readGraphSignature,
    threads: chooseThreads(threads),
    providers: relief.includes('processor')
      ? ['cpu']
      : providersFor(provider, providersOf(process.platform, process.arch)),
    budget: relief.includes('one-at-a-time') ? ONE_AT_A_TIME : createMemoryBudget(memoryMb, machineMemory),
    relief: { rowByRow: relief.includes('row-by-row'), inTiles: relief.includes('in-tiles') },
  })
  return {
    components,
    schedulerConfig,
    lowResSchedulerConfig: files.lowResSchedulerConfig,
    misfits: files.misfits,
    embeddings: files.embeddings,
    notices: files.notices,
    preview: files.latentPreview ?? components.autoencoder.publishedPreview,
  }
}

function keyOf({ modelFolder, vae, loras = [], threads, provider, memoryMb, relief }: OpeningChoice): string {
  const changes = JSON.stringify(loras.map(({ file, hash, weight }) => [file, hash, weight]))
  return `${threads} ${provider} ${memoryMb} ${relief.join()} ${vae?.folder} ${changes} ${modelFolder}`
}
