/** Whether a LoRA fits a model, by the headers of both: the same check that the engine makes when it opens them together. */
import { toErrorPayload, type ErrorPayload } from '#contract/errors'
import { readPartMaps } from '#graph/checkpoint/checkpoint'
import { applyLoras } from '#graph/lora/apply-loras'
import type { FoundLora } from './find-loras.ts'

/** Of each file in their order: why it cannot be used with the model in `folder` (absolute); null: it can. */
export async function fitLoras(
  folder: string,
  files: readonly Pick<FoundLora, 'path'>[],
): Promise<(ErrorPayload | null)[]> {
  const maps = (await readPartMaps(folder)) ?? {}
  return Promise.all(
    files.map(({ path: file }) => applyLoras(maps, [{ file, weight: 1 }]).then(() => null, toErrorPayload)),
  )
}
