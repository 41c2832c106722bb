/**
 * The verdict on a model's folder. Pure: file sizes, parsed configs and graph headers in, what the model is and can do out.
 * The layouts that occur are Optimum's, the older diffusers scripts', Olive's and Amuse's (https://huggingface.co/docs/optimum-onnx).
 *
 *   size multiple = pixels a latent side * 2^(halvings of the U-Net), or * patch size of a transformer
 */
import type { ErrorPayload } from '#contract/errors'
import type { ModelFeature, ModelVariant, ModelVerdict } from '#contract/model-verdict'
import { readAutoencoderFacts, type AutoencoderFacts } from './autoencoder-facts.ts'
import { controlLimit, findControlPieces, type ControlPieces } from './control-nets.ts'
import { readDenoiserFacts, variantOf, type DenoiserFacts } from './denoiser-facts.ts'
import { layoutNotes, titleOf, toComponent } from './describe-parts.ts'
import { findFitProblems } from './fit-problems.ts'
import { findInput, graphFileOf, partsOf, type FolderContents, type Part } from './folder-contents.ts'
import { findGraphProblems, problem } from './graph-problems.ts'
import {
  missingDenoiser,
  missingGraph,
  missingTextParts,
  nestedModels,
  schedulerClassOf,
  schedulerProblem,
} from './missing-problems.ts'
import { roleProblems } from './role-problems.ts'
import { readTextFacts } from './text-facts.ts'

/** Exports without names and configs are SD 1.x or 2.x, which halve three times; SDXL's two would only crop less. */
const HALVINGS_WITHOUT_CONFIG = 3

interface Reading {
  contents: FolderContents
  parts: readonly Part[]
  byName: ReadonlyMap<string, Part>
  denoiser: Part | null
  facts: DenoiserFacts | null
  autoencoder: AutoencoderFacts
  control: ControlPieces
  variant: ModelVariant | null
}

export function detectModel(contents: FolderContents): ModelVerdict {
  const reading = read(contents)
  const { facts, parts, autoencoder, variant } = reading
  const problems = findProblems(reading)
  const usable = problems.length === 0
  const config = contents.json.get('scheduler/scheduler_config.json')
  const prediction = config?.['prediction_type']
  return {
    usable,
    family: facts?.family ?? null,
    variant,
    title: titleOf(facts?.family ?? null, variant, facts),
    components: parts.map(part => toComponent(part, contents.files)),
    layout: layoutNotes(reading),
    features: featuresOf(reading),
    latentChannels: autoencoder.latentChannels,
    vaeFactor: autoencoder.factor,
    ...sizesOf(reading),
    scheduler: schedulerClassOf(contents.json),
    predictionType: typeof prediction === 'string' ? prediction : null,
    limits: usable ? limitsOf(reading) : [],
    problems,
  }
}

function read(contents: FolderContents): Reading {
  const parts = partsOf(contents)
  const byName = new Map(parts.map(part => [part.name, part]))
  const denoiser = byName.get('unet') ?? byName.get('transformer') ?? null
  const facts = denoiser === null ? null : readDenoiserFacts(denoiser)
  const autoencoder = readAutoencoderFacts(byName.get('vae_decoder') ?? null, byName.get('vae_encoder') ?? null)
  const control = findControlPieces(parts)
  const channels = autoencoder.latentChannels ?? facts?.outChannels ?? null
  const hasLabels = denoiser !== null && findInput(denoiser, 'class_labels') !== undefined
  const variant =
    facts === null || channels === null
      ? control.nets.length > 0 && facts === null
        ? 'controlnet'
        : null
      : variantOf(facts, channels, hasLabels)
  return { contents, parts, byName, denoiser, facts, autoencoder, control, variant }
}

/** The most telling first: damaged files, what is missing, what the runtime refuses, what does not fit. */
function findProblems(reading: Reading): ErrorPayload[] {
  const { contents, parts, denoiser, facts } = reading
  const family = facts?.family ?? null
  const graphs = parts.flatMap(part => [...roleProblems(part), ...findGraphProblems(part, contents.files)])
  const isDenoiserThere = ['unet', 'transformer'].some(part => graphFileOf(contents.files, part) !== null)
  const nested = isDenoiserThere ? null : nestedModels(contents)
  if (nested !== null) return [nested]
  if (!isDenoiserThere && parts.length === 0 && contents.damaged.length === 0) return [missingDenoiser(contents)]
  const missing = [
    isDenoiserThere ? null : missingDenoiser(contents),
    missingGraph(contents, 'vae_decoder'),
    schedulerProblem(contents),
  ].filter(found => found !== null)
  const all = [
    ...contents.damaged,
    ...missing,
    ...(family === null ? [] : missingTextParts(contents, family)),
    ...graphs,
  ]
  if (denoiser === null || facts === null) return all
  return [...all, ...fitProblems(reading, denoiser, facts)]
}

function fitProblems(reading: Reading, denoiser: Part, facts: DenoiserFacts): ErrorPayload[] {
  const { family } = facts
  const { file } = denoiser
  if (family === null) {
    const actual = denoiser.header.inputs.map(({ name }) => name).join(', ')
    const message = `${file} is a network that Easel does not know: its inputs are ${actual}.`
    const expected = 'sample, timestep, encoder_hidden_states, or the inputs of SD3 or FLUX'
    return [problem('model-incompatible', message, { file, expected, actual })]
  }
  const { contents, autoencoder, byName, variant } = reading
  const fit = findFitProblems({ family, denoiser, facts, autoencoder, parts: byName, highestIds: contents.highestIds })
  const channels = autoencoder.latentChannels
  if (variant !== null || channels === null || facts.inChannels === null) return fit
  const message = `${file} takes ${facts.inChannels} channels; with ${channels} latent channels Easel knows ${channels}, ${2 * channels} (instruct), ${2 * channels + 1} (inpaint) and ${channels + 3} (upscaler).`
  const tensor = family === 'sd3' || family === 'flux' ? 'hidden_states' : 'sample'
  return [
    ...fit,
    problem('model-incompatible', message, { file, tensor, expected: channels, actual: facts.inChannels }),
  ]
}

function featuresOf({ facts, variant, byName, control }: Reading): ModelFeature[] {
  if (!facts?.family || variant === null) return []
  const encodes = byName.has('vae_encoder')
  const isRefiner = facts.family === 'sdxl-refiner'
  const holds: Record<ModelFeature, boolean> = {
    'text-to-image': variant === 'base' && !isRefiner,
    'image-to-image': variant === 'base' && encodes,
    inpaint: (variant === 'base' || variant === 'inpaint') && encodes && !isRefiner,
    instruct: variant === 'instruct' && encodes,
    upscale: variant === 'upscaler',
    refine: isRefiner,
    controlnet: (control.nets.length > 0 && controlLimit(control) === null) || hasFusedNets(control, facts),
    'clip-skip': [...byName.values()].some(
      part => part.name.startsWith('text_encoder') && readTextFacts(part).hasHiddenStates,
    ),
  }
  return (Object.keys(holds) as ModelFeature[]).filter(feature => holds[feature])
}

function hasFusedNets({ denoisers }: ControlPieces, facts: DenoiserFacts): boolean {
  return facts.control === 'fused' || denoisers.some(part => findInput(part, 'controlnet_conds') !== undefined)
}

function sizesOf({
  contents,
  denoiser,
  facts,
  autoencoder,
}: Reading): Pick<ModelVerdict, 'sizeMultiple' | 'nativeSize' | 'fixedSize'> {
  const { factor } = autoencoder
  if (facts === null || factor === null) return { sizeMultiple: null, nativeSize: null, fixedSize: null }
  const native = denoiser === null ? undefined : contents.json.get(`${denoiser.name}/config.json`)?.['sample_size']
  const [height, width] = Array.isArray(native) ? (native as unknown[]) : [native, native]
  const fixed = facts.fixedSize ?? autoencoder.fixedSize
  return {
    sizeMultiple: factor * (facts.latentMultiple ?? 2 ** HALVINGS_WITHOUT_CONFIG),
    nativeSize: isSize(height) && isSize(width) ? [height * factor, width * factor] : null,
    fixedSize: fixed === null ? null : [fixed[0] * factor, fixed[1] * factor],
  }
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0
}

function limitsOf(reading: Reading): string[] {
  const { contents, facts, byName, autoencoder, control, variant } = reading
  const { fixedSize } = sizesOf(reading)
  const clipSkip = [...byName.values()].some(
    part => part.name.startsWith('text_encoder') && readTextFacts(part).hasHiddenStates,
  )
  const decoderConfig = contents.json.get('vae_decoder/config.json')
  const found: (string | null)[] = [
    byName.has('vae_encoder') || variant === 'upscaler'
      ? null
      : 'No vae_encoder/model.onnx: nothing that starts from a picture works. Download that folder too.',
    autoencoder.drawsInGraph
      ? 'The picture encoder draws its own random numbers: a result that starts from a picture cannot be repeated exactly.'
      : null,
    clipSkip || facts?.family === 'flux'
      ? null
      : 'Clip skip does not work: the text encoder gives only its last layer. An export with hidden states would.',
    fixedSize === null
      ? null
      : `It makes pictures of ${fixedSize.join(' x ')} (height x width) only: its shapes are fixed.`,
    decoderConfig === undefined && byName.has('vae_decoder')
      ? 'No vae_decoder/config.json: the scaling factor of SD 1.x (0.18215) is taken.'
      : null,
    facts?.family === 'sd3' && !byName.has('text_encoder_3')
      ? 'No text_encoder_3 (T5): long and detailed prompts are followed less well.'
      : null,
    controlLimit(control),
  ]
  return found.filter(limit => limit !== null)
}
