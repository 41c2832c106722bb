/** The parts of a checkpoint in `.safetensors` as the pipeline takes them: graphs that are written when they are opened. */
import { bytesSource } from '#graph/byte-source'
import { openCheckpoint, type CheckpointPart } from '#graph/checkpoint/checkpoint'
import type { LoraUse } from '#graph/lora/apply-loras'
import { findMisreadConvolutions } from '#graph/misread-convolutions'
import type { Provider } from '#contract/providers'
import type { JsonObject, ModelPart } from '#pipeline/model-files'
import type { Notice } from '#contract/notices'

export interface CheckpointFiles {
  parts: readonly ModelPart[]
  /** null: the folder has its own. */
  schedulerConfig: JsonObject | null
  /** What of the LoRAs could not be used. */
  notices: readonly Notice[]
}

/** The runtime's own attention computes wrong numbers on WebGPU, and CoreML does not have it. */
const FUSED: ReadonlySet<Provider> = new Set(['cpu', 'cuda', 'dml'])

/** null: there is no checkpoint in the folder. `readJson` gives a file of the folder. */
export async function readCheckpoint(
  folder: string,
  readJson: (file: string) => Promise<JsonObject | null>,
  loras: readonly LoraUse[],
): Promise<CheckpointFiles | null> {
  const names = ['unet', 'vae', 'text_encoder', 'text_encoder_2']
  const read = async (name: string) => [name, await readJson(`${name}/config.json`)] as const
  const configs = [...(await Promise.all(names.map(read))), ['hints', await readJson('hints.json')] as const]
  const { vae, ...others } = Object.fromEntries(configs)
  const checkpoint = await openCheckpoint(folder, { ...others, vae: vae ?? (await readJson('config.json')) }, loras)
  if (checkpoint === null) return null
  const { schedulerConfig, notices } = checkpoint
  return { parts: checkpoint.parts.map(toModelPart), schedulerConfig, notices }
}

function toModelPart({ name, file, weightBytes, changes, config, write, table }: CheckpointPart): ModelPart {
  const writeWith = (added: readonly Float32Array[]) => (provider: Provider) =>
    write(FUSED.has(provider), added).finish()
  return {
    name,
    graph: file,
    config,
    halvings: null,
    weightBytes,
    changes,
    write: writeWith([]),
    processorNodes: async provider =>
      provider === 'webgpu' ? findMisreadConvolutions(bytesSource(file, (await writeWith([])(provider)).bytes)) : [],
    ...(table !== null && { table: { rows: table[0], width: table[1], writeWith } }),
  }
}
