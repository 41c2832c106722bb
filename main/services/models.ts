/** The models that are there now. Folders are read again at every question, so that a model copied in just appears. */
import type { Api } from '#contract/api'
import { AppError, fromErrorPayload } from '#contract/errors'
import type { Log } from '#contract/log'
import type { ModelSummary } from '#contract/models'
import { invalidInput, showValue } from '#contract/parse'
import type { Engine } from '#engine/engine'
import { findModels, type FoundModel, type VerdictCache } from '#catalog/find-models'
import { findModelHash, hashModel } from '#catalog/model-hash'
import { readModelFacts } from '#catalog/model-facts'
import { openFileHashes, type FileHashes } from '#storage/file-hashes'
import type { Events } from './events.ts'

export interface ModelsService {
  api: Api['models']
  /** The model that a request names, or the default one; throws when it is not there or cannot be used. */
  choose(id: string | undefined, defaultModel: string | null): Promise<FoundModel>
  /** Absolute folder of a model; throws `model-missing`. */
  folderOf(id: string): Promise<string>
  /** Identity of the files in a model's folder; reads them all the first time, 0.5 GB a second. */
  hashOf(folder: string, signal: AbortSignal): Promise<string>
  /** The same as far as it is known without reading them; null where it is not. */
  findHash(folder: string): Promise<string | null>
}

export function createModels({
  modelFolders,
  engine,
  events,
  hashesFile,
  log,
}: {
  modelFolders: readonly string[]
  /** Has the tokenizers: they are large, and a slow one may not hold up the host. */
  engine: Pick<Engine, 'countTokens'>
  events: Events
  /** Absolute path of the file that remembers hashes of model files. */
  hashesFile: string
  log: Log
}): ModelsService {
  let known = ''
  const verdicts: VerdictCache = new Map()
  let hashes: Promise<FileHashes> | null = null

  const openHashes = (): Promise<FileHashes> => (hashes ??= openFileHashes(hashesFile))

  async function scan(): Promise<FoundModel[]> {
    const found = await findModels(modelFolders, verdicts)
    const models = found.map(model => model.summary)
    const fingerprint = JSON.stringify(models)
    if (known !== '' && known !== fingerprint) events.emit({ type: 'models', models })
    known = fingerprint
    return found
  }

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
        return engine.countTokens(folder, text)
      },
    },
    async choose(id, defaultModel) {
      const found = await scan()
      const usable = found.filter(model => model.summary.problem === null)
      if (usable.length === 0 && id === undefined) throw noModel(found, modelFolders)
      const wanted = id ?? defaultModel
      const chosen = wanted === null ? usable[0] : found.find(model => model.summary.id === wanted)
      if (chosen === undefined) throw unknownModel(String(wanted), id === undefined, usable)
      if (chosen.summary.problem !== null) throw fromErrorPayload(chosen.summary.problem)
      return chosen
    },
    async folderOf(id) {
      const found = (await scan()).find(model => model.summary.id === id)
      if (found === undefined) throw new AppError('model-missing', `The model "${id}" is no longer there.`)
      return found.folder
    },
    async findHash(folder) {
      const { files } = await readModelFacts(folder)
      return findModelHash(folder, files.keys(), await openHashes())
    },
    async hashOf(folder, signal) {
      const { files } = await readModelFacts(folder)
      const cache = await openHashes()
      const hash = await hashModel(folder, files.keys(), { cache, signal })
      await cache.save().catch((thrown: unknown) => {
        log.warn('The hashes of model files could not be kept', { reason: String(thrown) }) // they are read again next time
      })
      return hash
    },
  }
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

function noModel(found: readonly FoundModel[], modelFolders: readonly string[]): AppError {
  const problems = found.map((model): string => `${model.summary.id}: ${problemOf(model.summary)}`).join(' ')
  const where = modelFolders.join(' or ')
  return new AppError('model-missing', `No usable model was found in ${where}.${problems === '' ? '' : ` ${problems}`}`)
}

function problemOf(model: ModelSummary): string {
  return model.problem?.message ?? ''
}
