/** Whether a LoRA fits a model, by the headers of both: the same check that the engine makes when it opens them together. */
import { join } from 'node:path'
import { toErrorPayload, type ErrorPayload } from '#contract/errors'
import { readPartMaps } from '#graph/checkpoint/checkpoint'
import { readExportedWeights } from '#graph/lora/exported-weights'
import { LORA_PARTS } from '#graph/lora/lora-names'
import { applyLoras, applyToExport, type PartMaps } from '#graph/lora/apply-loras'
import { graphFileOf } from './detect/folder-contents.ts'
import type { FoundLora } from './find-loras.ts'
import { readModelFacts } from './model-facts.ts'

/** Of each file in their order: why it cannot be used with the model in `folder` (absolute); null: it can. */
export async function fitLoras(
  folder: string,
  files: readonly Pick<FoundLora, 'path'>[],
): Promise<(ErrorPayload | null)[]> {
  const exported = await readExport(folder)
  const maps = exported ?? (await readPartMaps(folder)) ?? {}
  const apply = exported === null ? applyLoras : applyToExport
  return Promise.all(files.map(({ path: file }) => apply(maps, [{ file, weight: 1 }]).then(() => null, toErrorPayload)))
}

/** null: there are no graphs in the folder. */
async function readExport(folder: string): Promise<PartMaps | null> {
  const { files } = await readModelFacts(folder)
  const maps: PartMaps = {}
  for (const name of LORA_PARTS) {
    const graph = graphFileOf(files, name)
    if (graph !== null) maps[name] = await readExportedWeights(join(folder, graph))
  }
  return maps.unet === undefined && maps.transformer === undefined ? null : maps
}
