/** What detection is given of a checkpoint: the headers of the graphs that Easel would write for it. */
import { basename, relative, sep } from 'node:path'
import { toErrorPayload, type ErrorPayload } from '#contract/errors'
import { bytesSource } from '#graph/byte-source'
import { openCheckpoint } from '#graph/checkpoint/checkpoint'
import { readOnnxHeader } from '#graph/read-header'
import { CONFIG_FILE, HINTS_FILE, type Config, type ModelFacts } from '../model-facts.ts'
import { SCHEDULER_CONFIG, type FolderContents, type WrittenPart } from './folder-contents.ts'

interface ReadCheckpoint {
  written: ReadonlyMap<string, WrittenPart>
  schedulerConfig: Config | null
}

/** null: there is none in the folder; what is wrong with one is added to `damaged`. */
export async function readCheckpoint(
  folder: string,
  { configs }: ModelFacts,
  damaged: ErrorPayload[],
): Promise<ReadCheckpoint | null> {
  const configOf = (name: string) => [name, configs.get(`${name}/config.json`)] as const
  const parts = Object.fromEntries(['unet', 'vae', 'text_encoder', 'text_encoder_2'].map(configOf))
  const vae = parts['vae'] ?? configs.get(CONFIG_FILE)
  try {
    const checkpoint = await openCheckpoint(folder, { ...parts, vae, hints: configs.get(HINTS_FILE) })
    if (checkpoint === null) return null
    const written = new Map<string, WrittenPart>()
    for (const { name, file, config, write } of checkpoint.parts) {
      const { bytes } = await write(true).finish()
      const header = await readOnnxHeader(bytesSource(name, bytes))
      // Where its weights lie was checked when their file was read.
      const initializers = header.initializers.map(weight => ({ ...weight, external: null }))
      const path = file === folder ? basename(file) : relative(folder, file).split(sep).join('/')
      written.set(name, { file: path, header: { ...header, initializers }, config })
    }
    return { written, schedulerConfig: checkpoint.schedulerConfig }
  } catch (thrown) {
    damaged.push(toErrorPayload(thrown))
    return { written: new Map(), schedulerConfig: null }
  }
}

/** A single file's family says how it was trained, unless a config beside it does. */
export function withSchedule(configs: FolderContents['json'], config: Config | null): FolderContents['json'] {
  return config === null || configs.has(SCHEDULER_CONFIG) ? configs : new Map(configs).set(SCHEDULER_CONFIG, config)
}
