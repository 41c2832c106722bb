/** A model's files with the words that the user's embeddings add to it. */
import type { LoraUse } from '#graph/lora/apply-loras'
import type { ModelFiles } from '#pipeline/model-files'
import { readModelFiles } from '../read-model.ts'
import { attachEmbeddings } from './attach-embeddings.ts'
import { listEmbeddings, readEmbeddings } from './find-embeddings.ts'

/** Changes when a file of embeddings is added, changed or removed: a model that was opened before does not know it. */
export async function embeddingsState(folder: string, userFolder: string | null): Promise<string> {
  return JSON.stringify(await listEmbeddings(folder, userFolder))
}

/** `userFolder` is the data folder; null where there is none. */
export async function openModelFiles(
  folder: string,
  userFolder: string | null,
  loras: readonly LoraUse[] = [],
): Promise<ModelFiles> {
  const [files, listed] = await Promise.all([readModelFiles(folder, loras), listEmbeddings(folder, userFolder)])
  return attachEmbeddings(files, await readEmbeddings(listed))
}
