/** Looks through the model folders. A folder counts as a model when it has a `model_index.json` or a manifest; usable or not is the verdict's. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelSummary } from '#contract/models'
import { judgeModel } from './judge-model.ts'
import { INDEX_FILE, MANIFEST_FILE, readModelFacts } from './model-facts.ts'

export interface FoundModel {
  summary: ModelSummary
  /** Absolute. */
  folder: string
}

/** `modelFolders` hold one folder a model; earlier ones win where two models have one id. */
export async function findModels(modelFolders: readonly string[]): Promise<FoundModel[]> {
  const found: FoundModel[] = []
  for (const parent of modelFolders) {
    for (const name of await listNames(parent)) {
      const model = await findModel(join(parent, name))
      if (model !== null) found.push(withOwnId(model, found))
    }
  }
  return found
}

/** The model in `folder`, or null when the folder does not look like one. */
export async function findModel(folder: string): Promise<FoundModel | null> {
  const names = await listNames(folder)
  if (!names.includes(INDEX_FILE) && !names.includes(MANIFEST_FILE)) return null
  return { summary: judgeModel(await readModelFacts(folder)), folder }
}

/** A second model of one id would hide the first or be hidden by it: it is shown, and says why it cannot be used. */
function withOwnId(model: FoundModel, others: readonly FoundModel[]): FoundModel {
  const { id } = model.summary
  const twin = others.find(other => other.summary.id === id)
  if (twin === undefined) return model
  const taken = new Set(others.map(other => other.summary.id))
  let number = 2
  while (taken.has(`${id}-${number}`)) number++
  const message = `Its id "${id}" belongs to the model in ${twin.folder} already; give it another id in ${MANIFEST_FILE}.`
  return {
    ...model,
    summary: { ...model.summary, id: `${id}-${number}`, problem: { code: 'model-incompatible', message } },
  }
}

/** Sorted; empty where there is no such folder or it may not be read. */
async function listNames(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort()
  } catch {
    return []
  }
}
