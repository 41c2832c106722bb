/** The verdict on a folder that need not lie in a model folder: what `models check` asks before one is copied there. */
import type { ModelSummary } from '#contract/models'
import { findModel } from '#catalog/find-models'

/** Null when the folder does not look like a model. */
export async function checkModelFolder(folder: string): Promise<ModelSummary | null> {
  return (await findModel(folder))?.summary ?? null
}
