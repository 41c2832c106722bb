/** The model that is in memory: opened once, kept from job to job, replaced when something else is asked for that decides how it is opened. */
import type { Notice } from '#contract/notices'
import { AppError } from '#contract/errors'
import { providersFor, providersOf, type Provider } from '#contract/providers'
import { openComponents, type Components } from '#pipeline/components'
import type { JsonObject, LatentPreview, MisfitWord, ModelFiles, UsableEmbedding } from '#pipeline/model-files'
import type { SchedulerConfig } from '#pipeline/schedulers/scheduler'
import { createMemoryBudget, ONE_AT_A_TIME } from '#pipeline/memory/memory-budget'
import type { HandedOver } from '#pipeline/memory/session-pool'
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
  notices: readonly Notice[]
}

/** What of a job decides how a model is opened. */
export type OpeningChoice = Pick<
  EngineJob,
  'modelFolder' | 'vae' | 'loras' | 'threads' | 'provider' | 'memoryMb' | 'relief'
>

interface HeldModel {
  choice: OpeningChoice
  /** The state of the embeddings' folders when it was opened. */
  words: string
  model: LoadedModel
}

/** What a model leaves to the same one with other LoRAs. */
interface Leaving {
  handedOver: HandedOver
  /** Of the latents, which LoRAs do not change. */
  preview: LatentPreview | null
}

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
  /**
   * As the embeddings' folders are now: with others than before it is loaded again. Of a model that only gets other LoRAs,
   * the networks that they do not touch stay open. Where it throws for a LoRA, the model in memory stays.
   */
  get(choice: OpeningChoice): Promise<LoadedModel>
  /** The model in memory, whatever has become of the embeddings since; null where `get` would have to load another one. */
  find(choice: OpeningChoice): LoadedModel | null
  /** What computes the steps of the model in memory. */
  provider(): Provider
  /** What holds for every picture of the model in memory. */
  notices(): readonly Notice[]
  release(): Promise<void>
}

export function createModelHolder({ createSession, userFolder, collectGarbage }: ModelHolderOptions): ModelHolder {
  let held: HeldModel | null = null
  const find = (choice: OpeningChoice) => (held !== null && keyOf(held.choice) === keyOf(choice) ? held.model : null)

  async function release(): Promise<void> {
    const old = held
    held = null
    if (old === null) return
    await old.model.components.release()
    collectGarbage()
  }

  /** Makes room for a model. What stays open of the one in memory, where it is the same with other LoRAs. */
  async function leaveTo(choice: OpeningChoice, words: string, { parts }: ModelFiles): Promise<Leaving | null> {
    const old = held
    if (old?.words !== words || !isSameButLoras(old.choice, choice)) {
      await release()
      return null
    }
    held = null
    const { components, preview } = old.model
    const handedOver = await components.sessions.handOver(part => part.changes === parts[part.name]?.changes)
    collectGarbage()
    return { handedOver, preview }
  }

  return {
    release,
    find,
    provider: () => held?.model.components.sessions.provider() ?? 'cpu',
    notices: () => held?.model.components.sessions.notices() ?? [],
    async get(choice) {
      const words = await embeddingsState(choice.modelFolder, userFolder)
      const known = find(choice)
      if (known !== null && held?.words === words) return known
      const files = await readFiles(choice, userFolder)
      const left = await leaveTo(choice, words, files) // first, so that two large models are never in memory together
      const model = await open(choice, files, createSession, left)
      held = { choice, words, model }
      return model
    },
  }
}

/** Reads what the graphs are made from; opens none. */
async function readFiles({ modelFolder, vae, loras }: OpeningChoice, userFolder: string | null): Promise<ModelFiles> {
  const own = await openModelFiles(modelFolder, userFolder, loras)
  return vae === undefined ? own : withAutoencoder(own, vae.folder)
}

async function open(
  { modelFolder: folder, threads, provider, memoryMb, relief }: OpeningChoice,
  files: ModelFiles,
  createSession: CreateSession,
  left: Leaving | null,
): Promise<LoadedModel> {
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
    handedOver: left?.handedOver,
  })
  return {
    components,
    schedulerConfig,
    lowResSchedulerConfig: files.lowResSchedulerConfig,
    misfits: files.misfits,
    embeddings: files.embeddings,
    notices: files.notices,
    preview: files.latentPreview ?? components.autoencoder.publishedPreview ?? left?.preview ?? null,
  }
}

/** A LoRA's file that has changed counts as another one: what was made with it may not stay. */
function isSameButLoras(a: OpeningChoice, b: OpeningChoice): boolean {
  const hashOf = new Map(a.loras?.map(({ file, hash }) => [file, hash]))
  const hasChanged = b.loras?.some(({ file, hash }) => (hashOf.get(file) ?? hash) !== hash) ?? false
  return !hasChanged && keyOf({ ...a, loras: [] }) === keyOf({ ...b, loras: [] })
}

function keyOf({ modelFolder, vae, loras = [], threads, provider, memoryMb, relief }: OpeningChoice): string {
  const changes = JSON.stringify(loras.map(({ file, hash, weight }) => [file, hash, weight]))
  return `${threads} ${provider} ${memoryMb} ${relief.join()} ${vae?.folder} ${changes} ${modelFolder}`
}
