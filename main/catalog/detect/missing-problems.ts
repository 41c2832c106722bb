/** Files that a family needs and the folder lacks, each with what to do about it. */
import type { ErrorPayload } from '#contract/errors'
import type { ModelFamily } from '#contract/model-verdict'
import { showValue } from '#contract/parse'
import { CLIP_VOCABULARY } from '#graph/checkpoint/file-configs'
import { graphFileOf, partNamesOf, SCHEDULER_CONFIG, type FolderContents, type Json } from './folder-contents.ts'
import { problem } from './graph-problems.ts'
import { SCHEDULER_CLASSES } from './scheduler-classes.ts'
import { TEXT_PARTS, TOKENIZER_FILES, type TextPart } from './text-facts.ts'

const INDEX = 'model_index.json'
const SCHEDULER = SCHEDULER_CONFIG
const PREDICTION_TYPES = ['epsilon', 'v_prediction', 'sample', 'flow_prediction']

/** A graph that must be there. PyTorch weights in its place are the commonest reason why it is not. */
export function missingGraph({ files, json, written }: FolderContents, part: string): ErrorPayload | null {
  if (graphFileOf(files, part) !== null || written.has(part)) return null
  const file = `${part}/model.onnx`
  const inPart = [...files.keys()].filter(path => path.startsWith(`${part}/`))
  const graphs = inPart.filter(path => path.endsWith('.onnx'))
  if (graphs.length > 1) {
    const message = `${part} has several graphs (${graphs.join(', ')}) and none is named model.onnx. Rename the one to use.`
    return problem('model-incompatible', message, { file, expected: 'one graph', actual: graphs })
  }
  const weights = inPart.find(path => /\.(safetensors|bin|pt|msgpack)$/.test(path))
  if (weights !== undefined) {
    const message = `${part} holds PyTorch weights (${weights}) and no ONNX graph. Choose the ONNX export of this model, or export it with optimum-cli.`
    return problem('model-missing', message, { file, expected: 'an ONNX graph', actual: weights })
  }
  const named = declares(json.get(INDEX), part) ? ', though model_index.json names it' : ''
  return problem('model-missing', `The model has no ${file}${named}. Download the missing folder or file.`, {
    file,
    expected: 'an ONNX graph',
    actual: 'no such file',
  })
}

/** Models that lie deeper: the folder above one, or a folder full of them, was chosen. */
export function nestedModels({ files }: FolderContents): ErrorPayload | null {
  const graphs = [...files.keys()].filter(path => /\/(unet|transformer)\/[^/]+\.onnx$/.test(path))
  const folders = [...new Set(graphs.map(path => path.split('/').slice(0, -2).join('/')))]
  if (folders.length === 0) return null
  const message =
    folders.length === 1
      ? `The model lies deeper, in ${folders.join()}. Choose that folder.`
      : `This folder holds ${folders.length} models: ${folders.slice(0, 5).join(', ')}${folders.length > 5 ? ', …' : ''}. Choose one of them.`
  const details = { file: 'unet/model.onnx', expected: 'unet or transformer', actual: folders }
  return problem('model-missing', message, details)
}

/** No denoiser at all: says what is missing, or that the folder is something else. */
export function missingDenoiser(contents: FolderContents): ErrorPayload {
  const names = partNamesOf(contents.files)
  const index = contents.json.get(INDEX)
  for (const part of ['transformer', 'unet']) {
    if (!names.includes(part) && !declares(index, part)) continue
    const missing = missingGraph(contents, part)
    if (missing !== null) return missing
  }
  const loose = [...contents.files.keys()].filter(path => /^[^/]+\.onnx$/.test(path))
  if (loose.length > 0) {
    const graphs = loose.slice(0, 3).join(', ')
    const message = `The graphs lie loose in this folder (${graphs}). Easel needs them in folders: text_encoder/model.onnx, unet/model.onnx, vae_decoder/model.onnx, with tokenizer and scheduler beside them.`
    return problem('model-incompatible', message, {
      file: 'unet/model.onnx',
      expected: 'one folder a graph',
      actual: loose,
    })
  }
  const checkpoint = [...contents.files.keys()].find(path => /\.(safetensors|ckpt|gguf)$/.test(path))
  const what =
    checkpoint === undefined
      ? 'it is not a diffusion model in ONNX form.'
      : `${checkpoint} is a checkpoint of another program. Choose the ONNX export of this model.`
  const message = `This folder has neither unet/model.onnx nor transformer/model.onnx: ${what}`
  const actual = [...contents.files.keys()].slice(0, 5)
  return problem('model-missing', message, { file: 'unet/model.onnx', expected: 'an ONNX graph', actual })
}

export function missingTextParts(contents: FolderContents, family: ModelFamily): ErrorPayload[] {
  return TEXT_PARTS[family].flatMap(part => {
    const isThere = partNamesOf(contents.files).includes(part.encoder)
    if (part.optional === true && !isThere) return []
    const tokenizer = hasClipWords(contents, part) ? null : missingTokenizer(contents.files, part)
    return [missingGraph(contents, part.encoder), tokenizer].filter(found => found !== null)
  })
}

/** Easel has CLIP's own tokenizer for checkpoints that come without one. */
function hasClipWords({ written, files }: FolderContents, { encoder, tokenizer }: TextPart): boolean {
  const isAbsent = ![...files.keys()].some(file => file.startsWith(`${tokenizer}/`))
  return isAbsent && written.get(encoder)?.config?.['vocab_size'] === CLIP_VOCABULARY
}

function missingTokenizer(files: FolderContents['files'], { tokenizer, kind }: TextPart): ErrorPayload | null {
  const groups = TOKENIZER_FILES[kind]
  if (groups.some(group => group.every(name => files.has(`${tokenizer}/${name}`)))) return null
  const expected = groups.map(group => group.join(' and ')).join(', or ')
  const actual = [...files.keys()].filter(path => path.startsWith(`${tokenizer}/`))
  const begun = groups.find(group => group.some(name => files.has(`${tokenizer}/${name}`))) ?? groups[0]
  const name = begun?.find(candidate => !files.has(`${tokenizer}/${candidate}`)) ?? ''
  const what = actual.length === 0 ? `The folder ${tokenizer} is missing` : `${tokenizer}/${name} is missing`
  const message = `${what}; a prompt cannot be read without it. It needs ${expected}: copy them from the original model.`
  return problem('model-missing', message, {
    file: actual.length === 0 ? tokenizer : `${tokenizer}/${name}`,
    expected,
    actual,
  })
}

/** The scheduler's config says how the model was trained; without it nothing can be sampled. */
export function schedulerProblem({ files, json, damaged }: FolderContents): ErrorPayload | null {
  if (damaged.some(({ details }) => details?.['file'] === SCHEDULER)) return null // told already
  if (!files.has(SCHEDULER) && !json.has(SCHEDULER)) {
    const message = `The model has no ${SCHEDULER}, which says how it was trained. Copy it from the original model.`
    return problem('model-missing', message, {
      file: SCHEDULER,
      expected: 'a scheduler config',
      actual: 'no such file',
    })
  }
  const name = schedulerClassOf(json)
  if (name === null || SCHEDULER_CLASSES.has(name)) return trainingProblem(json.get(SCHEDULER))
  const message = `${SCHEDULER} names the scheduler ${name}, which does not exist. Copy the file from the original model.`
  return problem('model-incompatible', message, { file: SCHEDULER, expected: [...SCHEDULER_CLASSES], actual: name })
}

/** The two values without which no sampler can be made; the rest of the config is the samplers' to read. */
function trainingProblem(config: Json | undefined): ErrorPayload | null {
  const { num_train_timesteps: steps, prediction_type: prediction } = config ?? {}
  const isCount = steps === undefined || (typeof steps === 'number' && Number.isInteger(steps) && steps > 0)
  const isKnown = prediction === undefined || (typeof prediction === 'string' && PREDICTION_TYPES.includes(prediction))
  if (isCount && isKnown) return null
  const [tensor, expected, actual] = isCount
    ? ['prediction_type', PREDICTION_TYPES.join(', '), prediction]
    : ['num_train_timesteps', 'a whole number above 0', steps]
  const message = `${SCHEDULER} has ${tensor} = ${showValue(actual)}; allowed: ${expected}.`
  return problem('model-incompatible', message, { file: SCHEDULER, tensor, expected, actual })
}

/** `_class_name` of the scheduler's config, or what model_index.json says. */
export function schedulerClassOf(json: FolderContents['json']): string | null {
  const named = json.get(SCHEDULER)?.['_class_name']
  if (named !== undefined) return typeof named === 'string' ? named : showValue(named)
  const entry = json.get(INDEX)?.['scheduler']
  const fromIndex: unknown = Array.isArray(entry) ? entry[1] : undefined
  return typeof fromIndex === 'string' ? fromIndex : null
}

/** model_index.json lists [library, class] by part; [null, null] is a part left out on purpose. */
function declares(
  index: FolderContents['json'] extends ReadonlyMap<string, infer J> ? J | undefined : never,
  part: string,
): boolean {
  const entry = index?.[part]
  return Array.isArray(entry) && entry.some(value => value !== null)
}
