/** What a model can do, in which sizes, and what works less well. */
import type { Initializer } from '#graph/onnx-types'
import type { ModelFeature, ModelVerdict } from '#contract/model-verdict'
import { controlLimit } from './control-nets.ts'
import type { Part } from './folder-contents.ts'
import type { Reading } from './reading.ts'
import { maxClipSkip } from './text-facts.ts'

/** Exports without names and configs are SD 1.x or 2.x, which halve three times; SDXL's two would only crop less. */
const HALVINGS_WITHOUT_CONFIG = 3

export function featuresOf({ contents, facts, variant, byName, control }: Reading): ModelFeature[] {
  if (!facts?.family || variant === null) return []
  const encodes = byName.has('vae_encoder')
  const isRefiner = facts.family === 'sdxl-refiner'
  const holds: Record<ModelFeature, boolean> = {
    'text-to-image': variant === 'base' && !isRefiner,
    'image-to-image': variant === 'base' && encodes,
    inpaint: (variant === 'base' || variant === 'inpaint') && encodes && !isRefiner,
    instruct: variant === 'instruct' && encodes,
    upscale: variant === 'upscaler',
    'super-resolution': false, // see super-resolution.ts
    refine: isRefiner,
    controlnet: (control.nets.length > 0 && controlLimit(control) === null) || facts.control === 'fused',
    'clip-skip': maxClipSkip(facts.family, byName) > 0,
    lora: contents.written.has('unet') || namesItsMatrices(byName.get('unet') ?? byName.get('transformer')),
  }
  return (Object.keys(holds) as ModelFeature[]).filter(feature => holds[feature])
}

export function sizesOf({
  denoiser,
  facts,
  autoencoder,
}: Reading): Pick<ModelVerdict, 'sizeMultiple' | 'nativeSize' | 'fixedSize'> {
  const { factor } = autoencoder
  if (facts === null || factor === null) return { sizeMultiple: null, nativeSize: null, fixedSize: null }
  const native = denoiser?.config?.['sample_size']
  const [height, width] = Array.isArray(native) ? (native as unknown[]) : [native, native]
  const fixed = facts.fixedSize ?? autoencoder.fixedSize
  return {
    sizeMultiple: factor * (facts.latentMultiple ?? 2 ** HALVINGS_WITHOUT_CONFIG),
    nativeSize: isSize(height) && isSize(width) ? [height * factor, width * factor] : null,
    fixedSize: fixed === null ? null : [fixed[0] * factor, fixed[1] * factor],
  }
}

export function limitsOf(reading: Reading): string[] {
  const { facts, byName, autoencoder, control, variant } = reading
  const { fixedSize } = sizesOf(reading)
  const skips = facts?.family ? maxClipSkip(facts.family, byName) : 0
  const decoderConfig = byName.get('vae_decoder')?.config ?? null
  const found: (string | null)[] = [
    byName.has('vae_encoder') || variant === 'upscaler'
      ? null
      : 'No vae_encoder/model.onnx: nothing that starts from a picture works. Download that folder too.',
    autoencoder.drawsInGraph
      ? 'The picture encoder draws its own random numbers: a result that starts from a picture cannot be repeated exactly.'
      : null,
    skips > 0 || facts?.family === 'flux'
      ? null
      : 'Clip skip does not work: the text encoder gives only its last layer. An export with hidden states would.',
    fixedSize === null
      ? null
      : `It makes pictures of ${fixedSize.join(' x ')} (height x width) only: its shapes are fixed.`,
    decoderConfig === null && byName.has('vae_decoder')
      ? 'No vae_decoder/config.json: the scaling factor that this family was trained with is taken.'
      : null,
    facts?.family === 'sd3' && !byName.has('text_encoder_3')
      ? 'No text_encoder_3 (T5): long and detailed prompts are followed less well.'
      : null,
    controlLimit(control),
  ]
  return found.filter(limit => limit !== null)
}

/** Whether an export keeps the modules of its weights by name; lora/exported-weights.ts looks at each. */
function namesItsMatrices(denoiser: Part | undefined): boolean {
  if (denoiser === undefined) return false
  const { operators, initializers } = denoiser.header
  const isNamed = operators.some(({ type, firstNode }) => type === 'MatMul' && /^\/.+\/MatMul$/.test(firstNode))
  const isKept = ({ name, dtype }: Initializer): boolean =>
    /\b(conv1|linear)\.weight$/.test(name) && dtype.startsWith('float')
  return isNamed && initializers.some(isKept)
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0
}
