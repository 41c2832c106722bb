/** The parts of an ONNX export with LoRAs added: graphs that are written when they are opened. */
import { withFileSource } from '#graph/byte-source'
import { extendEmbedding } from '#graph/extend-embedding'
import { findLookup } from '#graph/find-lookup'
import type { TensorMap } from '#graph/checkpoint/weights'
import { applyToExport, describeChanges, type LoraUse, type PartMaps } from '#graph/lora/apply-loras'
import { LORA_PARTS } from '#graph/lora/lora-names'
import { mergeExported } from '#graph/lora/merge-exported'
import { readExportedWeights } from '#graph/lora/exported-weights'
import { readOnnxHeader } from '#graph/read-header'
import { rewriteGraph } from '#graph/rewrite-graph'
import type { ModelPart } from '#pipeline/model-files'
import type { Notice } from '#contract/notices'

/** Throws `model-incompatible` for a LoRA of another kind of model, or one that changes what the export does not name. */
export async function addLorasToExport(
  parts: readonly ModelPart[],
  loras: readonly LoraUse[],
): Promise<{ parts: readonly ModelPart[]; notices: readonly Notice[] }> {
  if (loras.length === 0) return { parts, notices: [] }
  const own: PartMaps = {}
  for (const name of LORA_PARTS) {
    const part = parts.find(found => found.name === name)
    if (part !== undefined) own[name] = await readExportedWeights(part.graph)
  }
  const { maps: changed, notices } = await applyToExport(own, loras)
  const maps = new Map(Object.entries(changed))
  return { parts: await Promise.all(parts.map(part => withChanges(part, maps.get(part.name)))), notices }
}

async function withChanges(part: ModelPart, map: TensorMap | undefined): Promise<ModelPart> {
  const merged = map === undefined ? null : mergeExported(map)
  if (map === undefined || merged === null) return part
  const { graph } = part
  const lookup = await withFileSource(graph, graph, async source => findLookup(source, await readOnnxHeader(source)))
  const writeWith = (added: readonly Float32Array[]) => () =>
    added.length === 0 ? rewriteGraph(graph, merged) : extendEmbedding(graph, added, merged)
  return {
    ...part,
    changes: describeChanges(map),
    write: writeWith([]),
    ...(lookup !== null && { table: { rows: lookup.rows, width: lookup.width, writeWith } }),
  }
}
