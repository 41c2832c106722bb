/**
 * The verdict on a model's folder: its facts in, what the user is shown out. Pure. Sizes come from the configs of the
 * Diffusers layout (https://huggingface.co/docs/diffusers/api/configuration); nothing here knows a model by name.
 *
 *   vae factor    = 2^(blocks of the autoencoder - 1)      pixels a latent stands for
 *   size multiple = vae factor * 2^(blocks of the U-Net - 1)
 *   native size   = sample_size of the U-Net * vae factor
 */
import type { ErrorPayload } from '#contract/errors'
import type { ModelSummary } from '#contract/models'
import { INDEX_FILE, type Config, type ModelFacts } from './model-facts.ts'

/** Exports of the first years carry no config beside a graph, and all of them are SD 1.x or 2.x: 4 blocks in both networks. */
const BLOCKS_WITHOUT_CONFIG = 4
const SCHEDULER_FILE = 'scheduler/scheduler_config.json'
const GRAPHS = ['text_encoder', 'unet', 'vae_decoder'].map(part => `${part}/model.onnx`)

export function judgeModel(facts: ModelFacts): ModelSummary {
  const { manifest } = facts
  const vaeFactor = 2 ** (blocksOf(facts.configs.get('vae_decoder/config.json')) - 1)
  return {
    id: manifest?.id ?? toId(facts.folderName),
    name: manifest?.name ?? facts.folderName,
    description: manifest?.description ?? null,
    licence: manifest?.licence ?? null,
    attribution: manifest?.attribution ?? [],
    sizeBytes: [...facts.files.values()].reduce((sum, bytes) => sum + bytes, 0),
    sizeMultiple: vaeFactor * 2 ** (blocksOf(facts.configs.get('unet/config.json')) - 1),
    nativeSize: nativeSize(facts.configs.get('unet/config.json'), vaeFactor),
    recommended: manifest?.recommended ?? {},
    examples: manifest?.examples ?? [],
    knownWords: facts.knownWords,
    problem: facts.unreadable ?? missingFile(facts),
  }
}

/** Any folder name -> an id (see `identifier` in contract/fields.ts). */
export function toId(folderName: string): string {
  const cleaned = folderName
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 128)
  return cleaned === '' ? 'model' : cleaned
}

function missingFile(facts: ModelFacts): ErrorPayload | null {
  const missing = [INDEX_FILE, SCHEDULER_FILE, ...GRAPHS].find(file => !facts.files.has(file))
  if (missing === undefined) return null
  const className = facts.configs.get(INDEX_FILE)?.['_class_name']
  const kind = typeof className === 'string' ? ` (it says that it is a ${className})` : ''
  return {
    code: 'model-incompatible',
    message: `The model has no ${missing}${kind}; Easel needs ${[INDEX_FILE, SCHEDULER_FILE, ...GRAPHS].join(', ')}.`,
    details: { file: missing },
  }
}

function blocksOf(config: Config | undefined): number {
  const blocks = config?.['block_out_channels']
  return Array.isArray(blocks) && blocks.length > 0 ? blocks.length : BLOCKS_WITHOUT_CONFIG
}

function nativeSize(unet: Config | undefined, vaeFactor: number): [number, number] | null {
  const size = unet?.['sample_size']
  const [height, width] = Array.isArray(size) ? size : [size, size]
  if (!Number.isInteger(height) || !Number.isInteger(width)) return null
  return [Number(height) * vaeFactor, Number(width) * vaeFactor]
}
