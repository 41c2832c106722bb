/** The verdict on a folder that need not lie in a model folder: what `models check` asks before one is copied there. */
import type { ModelVerdict } from '#contract/model-verdict'
import { inspectModel } from '#catalog/detect/inspect-model'

/** `folder` is absolute; throws `not-found` where there is none. */
export function checkModelFolder(folder: string): Promise<ModelVerdict> {
  return inspectModel(folder)
}
