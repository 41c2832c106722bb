/** The models that are there now. Folders are read again at every question, so that a model copied in just appears. */
import type { Api } from '#contract/api'
import { AppError, fromErrorPayload } from '#contract/errors'
import type { GenerationRequest } from '#contract/generation'
import type { Log } from '#contract/log'
import { takeLoras } from '#contract/loras'
import type { ModelSummary } from '#contract/models'
import { invalidInput, showValue } from '#contract/parse'
import type { Engine } from '#engine/engine'
import { findAutoencoders, fittingIds, whyNot, type FoundAutoencoder } from '#catalog/find-autoencoders'
import { findModels, type FoundModel, type LookCache } from '#catalog/find-models'
import type { Events } from './events.ts'
import { createModelHashes } from './model-hashes.ts'

export interface ModelsService {
  api: Api['models']
  /** The model that a request names, or the default one; throws when it is not there or cannot be used. */
  choose(id: string | undefined, defaultModel: string | null): Promise<FoundModel>
  /** All that are there, usable or not. */
  all(): Promise<FoundModel[]>
  usable(): Promise<FoundModel[]>
  /** Absolute folder of a model; throws `model-missing`. */
  folderOf(id: string): Promise<string>
  /** Throws `invalid-input` with the reason where the autoencoder of a request does not fit its model or its refiner. */
  checkVae(request: Pick<GenerationRequest, 'model' | 'refiner' | 'vae'>): Promise<void>
  /** Folder and identity of an autoencoder; throws `model-missing`. */
  vaeOf(id: string, signal: AbortSignal): Promise<{ folder: string; hash: string }>
  /** Identity of the files in a model's folder; reads them all the first time, 0.5 GB a second. */
  hashOf(folder: string, signal: AbortSignal): Promise<string>
  /** The same as far as it is known without reading them; null where it is not. */
  findHash(folder: string): Promise<string | null>
  /** SHA-256 of one file (absolute path). */
  hashOfFile(path: string, signal: AbortSignal): Promise<string>
}

export interface ModelsOptions {
  modelFolders: readonly string[]
  /** Absolute; holds one folder for each autoencoder that lies alone. */
  vaeFolder: string
  /** Has the tokenizers: they are large, and a slow one may not hold up the host. */
  engine: Pick<Engine, 'countTokens'>
  events: Events
  /** Absolute path of the file that remembers hashes of model files. */
  hashesFile: string
  log: Log
}

export function createModels(options: ModelsOptions): ModelsService {
  const { modelFolders, vaeFolder, engine, events, hashesFile, log } = options
  let known = ''
  const looks: LookCache = new Map()
  const hashes = createModelHashes(hashesFile, log)

  async function scanAll(): Promise<{ found: FoundModel[]; autoencoders: FoundAutoencoder[] }> {
    const bare = await findModels(modelFolders, looks)
    const autoencoders = await findAutoencoders(bare, vaeFolder, looks)
    const found = bare.map(model => ({
      ...model,
      summary: { ...model.summary, vaes: fittingIds(model, autoencoders) },
    }))
    const models = found.map(model => model.summary)
    const fingerprint = JSON.stringify(models)
    if (known !== '' && known !== fingerprint) events.emit({ type: 'models', models })
    known = fingerprint
    return { found, autoencoders }
  }
  const scan = async (): Promise<FoundModel[]> => (await scanAll()).found

  async function getModel(id: string): Promise<FoundModel> {
    const found = (await scan()).find(model => model.summary.id === id)
    if (found === undefined) throw new AppError('not-found', `There is no model "${id}".`)
    return found
  }

  return {
    api: {
      list: async () => (await scan()).map(model => model.summary),
      get: async ({ id }) => (await getModel(id)).summary,
      async countTokens({ model, text }) {
        const { folder, summary } = await getModel(model)
        if (summary.problem !== null) throw fromErrorPayload(summary.problem)
        return engine.countTokens(folder, takeLoras(text, 'text').prompt)
      },
    },
    async choose(id, defaultModel) {
      const found = await scan()
      const usable = found.filter(isUsable)
      if (usable.length === 0 && id === undefined) throw noModel(found, modelFolders)
      const wanted = id ?? defaultModel
      const chosen =
        wanted === null ? (usable.find(paints) ?? usable[0]) : found.find(model => model.summary.id === wanted)
      if (chosen === undefined) throw unknownModel(String(wanted), id === undefined, usable)
      if (chosen.summary.problem !== null) throw fromErrorPayload(chosen.summary.problem)
      return chosen
    },
    all: scan,
    usable: async () => (await scan()).filter(isUsable),
    async folderOf(id) {
      const found = (await scan()).find(model => model.summary.id === id)
      if (found === undefined) throw new AppError('model-missing', `The model "${id}" is no longer there.`)
      return found.folder
    },
    findHash: hashes.find,
    hashOf: hashes.ofModel,
    hashOfFile: hashes.ofFile,
    async checkVae({ model, refiner, vae }) {
      if (vae === undefined) return
      const { found, autoencoders } = await scanAll()
      for (const user of found.filter(({ summary: { id } }) => id === model || id === refiner?.model)) {
        const reason = whyNot(user, vae, autoencoders)
        if (reason !== null) throw unfitVae(vae, user.summary, reason)
      }
    },
    async vaeOf(id, signal) {
      const found = (await scanAll()).autoencoders.find(autoencoder => autoencoder.id === id)
      if (found === undefined) throw new AppError('model-missing', `The autoencoder "${id}" is no longer there.`)
      return { folder: found.folder, hash: await hashes.ofAutoencoder(found.folder, signal) }
    },
  }
}

function isUsable({ summary }: FoundModel): boolean {
  return summary.problem === null
}

/** What a request that names no model asks for. */
function paints({ summary }: FoundModel): boolean {
  return summary.features.includes('text-to-image')
}

function unknownModel(wanted: string, isDefault: boolean, usable: readonly FoundModel[]): AppError {
  const ids = usable.map(model => model.summary.id).join(', ')
  if (!isDefault) {
    const allowed = ids === '' ? 'no model is there' : `one of ${ids}`
    return invalidInput([{ path: 'model', value: showValue(wanted), allowed }])
  }
  return new AppError(
    'model-missing',
    `The default model "${wanted}" is not there; choose one of ${ids} in the settings.`,
  )
}

function unfitVae(vae: string, { name, vaes }: ModelSummary, reason: string): AppError {
  const others = vaes.length === 0 ? `none: there is no other for ${name}` : `one that fits ${name}: ${vaes.join(', ')}`
  return invalidInput([{ path: 'vae', value: `${showValue(vae)}, but ${reason}`, allowed: others }])
}

function noModel(found: readonly FoundModel[], modelFolders: readonly string[]): AppError {
  const problems = found.map((model): string => `${model.summary.id}: ${problemOf(model.summary)}`).join(' ')
  const where = modelFolders.join(' or ')
  return new AppError('model-missing', `No usable model was found in ${where}.${problems === '' ? '' : ` ${problems}`}`)
}

function problemOf(model: ModelSummary): string {
  return model.problem?.message ?? ''
}
