/** Looks through the model folders. A folder counts as a model when it looks like one; usable or not is the verdict's. */
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { ModelVerdict } from '#contract/model-verdict'
import type { ModelSummary } from '#contract/models'
import { graphAlone } from '#graph/graph-alone'
import { sampleDecoder } from './decoder-samples.ts'
import { judgeModel } from './judge-model.ts'
import type { LatentFacts } from './detect/latent-scaling.ts'
import { detectModel } from './detect/detect-model.ts'
import { readContents } from './detect/read-contents.ts'
import { INDEX_FILE, MANIFEST_FILE, readModelFacts, type ModelFacts } from './model-facts.ts'

export interface FoundModel {
  summary: ModelSummary
  /** Absolute. */
  folder: string
  latents: LatentFacts
  /** See `sampleDecoder`. */
  decoder: string | null
}

/** What only a look into the files tells. */
interface Look {
  verdict: ModelVerdict
  decoder: string | null
}

/** Looks by folder, each good as long as the files' sizes and times stay what they were. */
export type LookCache = Map<string, Look & { state: string }>

/** One of these in a folder makes it a model; some exporters write no index. */
const MODEL_SIGNS = [INDEX_FILE, MANIFEST_FILE, 'unet', 'transformer']

/** `modelFolders` hold one folder a model, or one `.safetensors` file; earlier ones win where two models have one id. */
export async function findModels(modelFolders: readonly string[], looks: LookCache = new Map()): Promise<FoundModel[]> {
  const found: FoundModel[] = []
  for (const parent of modelFolders) {
    for (const name of await listNames(parent)) {
      const model = await findModel(join(parent, name), looks)
      if (model !== null) found.push(withOwnId(model, found))
    }
  }
  return found
}

/** The model in `folder`, or null when the folder does not look like one. */
export async function findModel(folder: string, looks: LookCache = new Map()): Promise<FoundModel | null> {
  const names = await listNames(folder)
  const isModel =
    (await isBareCheckpoint(folder)) || MODEL_SIGNS.some(sign => names.includes(sign)) || isCheckpoint(folder, names)
  if (!isModel && graphAlone(names) === null) return null
  const facts = await readModelFacts(folder)
  const { verdict, decoder } = await lookInto(folder, facts, looks)
  return { summary: judgeModel(facts, verdict), folder, latents: verdict, decoder }
}

/** One file of weights is a checkpoint; several, or those in a folder of this name, are additions to models. */
function isCheckpoint(folder: string, names: readonly string[]): boolean {
  const isOther = /^(embeddings|loras?|vae|wildcards)$/i.test(basename(folder))
  return !isOther && names.filter(name => name.endsWith('.safetensors')).length === 1
}

/** A checkpoint without a folder of its own: its path stands for the folder. */
async function isBareCheckpoint(path: string): Promise<boolean> {
  return path.endsWith('.safetensors') && (await stat(path).catch(() => null))?.isFile() === true
}

/** Reading graphs' headers takes some 30 ms a model; a folder that has not changed is not read again. */
export async function lookInto(folder: string, facts: ModelFacts, looks: LookCache): Promise<Look> {
  const state = `${facts.changedAt} ${JSON.stringify([...facts.files])}`
  const known = looks.get(folder)
  if (known?.state === state) return known
  const verdict = detectModel(await readContents(folder, facts))
  const look = { verdict, decoder: await sampleDecoder(folder), state }
  looks.set(folder, look)
  return look
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
