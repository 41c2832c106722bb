/** The LoRA files that are there now, which of them a request may use, and what they are for the engine and the picture. */
import type { Api } from '#contract/api'
import { AppError, fromErrorPayload, type ErrorPayload } from '#contract/errors'
import type { GenerationRequest } from '#contract/generation'
import type { Lora } from '#contract/loras'
import type { ModelSummary } from '#contract/models'
import { invalidInput, showValue } from '#contract/parse'
import { findLoras, type FoundLora } from '#catalog/find-loras'
import type { FoundModel } from '#catalog/find-models'
import { fitLoras } from '#catalog/fit-lora'
import type { ModelsService } from './models.ts'
import { lorasOf, settlePromptLoras } from './prompt-loras.ts'

export interface LoraFile {
  /** Absolute. */
  file: string
  /** SHA-256 of its content. */
  hash: string
}

export interface LorasService {
  api: Api['loras']
  /**
   * The request with the LoRAs of its prompts in their field and every name as the file has it. Throws `invalid-input`
   * naming the field: an unknown file, one that was made for another kind of model, a model that takes none.
   */
  settle(request: GenerationRequest, model: FoundModel): Promise<GenerationRequest>
  /** By name. Throws `model-missing` for one that has gone. */
  filesOf(request: GenerationRequest, signal: AbortSignal): Promise<ReadonlyMap<string, LoraFile>>
}

export interface LorasOptions {
  /** Absolute; earlier ones win where two files have one name. */
  folders: readonly string[]
  models: Pick<ModelsService, 'api' | 'folderOf' | 'hashOfFile'>
}

const SHOWN_NAMES = 20

export function createLoras({ folders, models }: LorasOptions): LorasService {
  const problems = new Map<string, ErrorPayload | null>()

  /** What was found out holds as long as the file is the same. */
  async function problemsOf(folder: string, files: readonly FoundLora[]): Promise<(ErrorPayload | null)[]> {
    const keyOf = ({ path, sizeBytes, changedAt }: FoundLora): string =>
      JSON.stringify([folder, path, sizeBytes, changedAt])
    const unknown = files.filter(file => !problems.has(keyOf(file)))
    const found = unknown.length === 0 ? [] : await fitLoras(folder, unknown)
    for (const [i, file] of unknown.entries()) problems.set(keyOf(file), found[i] ?? null)
    return files.map(file => problems.get(keyOf(file)) ?? null)
  }

  async function checkFit(loras: readonly Lora[], { folder, summary }: FoundModel): Promise<Map<string, string>> {
    if (!summary.features.includes('lora')) throw refuse('loras', loras[0]?.name ?? '', takesNone(summary))
    const all = await findLoras(folders)
    const files = loras.map(({ name }, i) => lookUp(all, name, i))
    const [at, problem] = [...(await problemsOf(folder, files)).entries()].find(([, found]) => found !== null) ?? []
    if (at !== undefined && problem !== undefined && problem !== null)
      throw refuse(`loras.${at}.name`, loras[at]?.name ?? '', `a LoRA for ${summary.name}: ${problem.message}`)
    return new Map(loras.map(({ name }, i) => [name, files[i]?.name ?? name]))
  }

  return {
    api: {
      async list({ model }) {
        const files = await findLoras(folders)
        const summary = model === undefined ? null : await models.api.get({ id: model })
        const found = summary === null ? [] : await fitAll(summary, files)
        return files.map(({ name, sizeBytes }, i) => ({ name, sizeBytes, problem: found[i] ?? null }))
      },
    },
    async settle(request, model) {
      const settled = settlePromptLoras(request)
      const used = lorasOf(settled)
      if (used.length === 0) return settled
      const names = await checkFit(used, model)
      const named = (loras: readonly Lora[]): Lora[] =>
        loras.map(({ name, weight }) => ({ name: names.get(name) ?? name, weight }))
      return {
        ...settled,
        ...(settled.loras && { loras: named(settled.loras) }),
        ...(settled.texts && {
          texts: settled.texts.map(text => ({ ...text, ...(text.loras && { loras: named(text.loras) }) })),
        }),
      }
    },
    async filesOf(request, signal) {
      const wanted = new Set(lorasOf(request).map(({ name }) => name))
      const all = wanted.size === 0 ? [] : await findLoras(folders)
      const files = new Map<string, LoraFile>()
      for (const name of wanted) {
        const found = all.find(file => file.name === name)
        if (found === undefined) throw new AppError('model-missing', `The LoRA "${name}" is no longer there.`)
        files.set(name, { file: found.path, hash: await models.hashOfFile(found.path, signal) })
      }
      return files
    },
  }

  async function fitAll(model: ModelSummary, files: readonly FoundLora[]): Promise<(ErrorPayload | null)[]> {
    if (model.problem !== null) throw fromErrorPayload(model.problem)
    if (model.features.includes('lora')) return problemsOf(await models.folderOf(model.id), files)
    return files.map(() => ({ code: 'model-incompatible', message: takesNone(model) }))
  }
}

/** By name, else without regard to upper and lower case, as file systems differ in it. */
function lookUp(all: readonly FoundLora[], name: string, index: number): FoundLora {
  const found = all.find(file => file.name === name) ?? all.find(file => file.name.toLowerCase() === name.toLowerCase())
  if (found !== undefined) return found
  const names = all.slice(0, SHOWN_NAMES).map(file => file.name)
  const more = all.length > SHOWN_NAMES ? ', …' : ''
  const allowed = names.length === 0 ? 'no file is in the folder loras' : `one of ${names.join(', ')}${more}`
  throw refuse(`loras.${index}.name`, name, allowed)
}

function takesNone({ name }: ModelSummary): string {
  return `none: the files of ${name} do not say which weights a LoRA changes`
}

function refuse(path: string, name: string, allowed: string): AppError {
  return invalidInput([{ path, value: showValue(name), allowed }])
}
