/** The verdict on a model's folder as lines for a person: what it is, what works, what is wrong and what to do about it. */
import type { GraphTensor, LayoutNote, ModelFeature, ModelVerdict } from '#contract/model-verdict'

const FEATURES: Readonly<Record<ModelFeature, string>> = {
  'text-to-image': 'pictures from words',
  'image-to-image': 'pictures from pictures',
  inpaint: 'inpainting',
  instruct: 'editing by instruction',
  upscale: 'enlarging with a prompt',
  'super-resolution': 'enlarging',
  refine: 'refining what the base model made',
  controlnet: 'ControlNet',
  'clip-skip': 'clip skip',
  lora: 'LoRA',
}

const NOTES: Readonly<Record<LayoutNote, string>> = {
  'no-model-index': 'no model_index.json',
  'no-part-configs': 'no config.json beside the graphs',
  'external-data': 'weights in files beside the graphs',
  'static-shapes': 'fixed shapes',
  'float16-io': 'float16 inputs and outputs',
  'float16-weights': 'float16 weights',
  'int32-ids': 'int32 token ids',
  'integer-timestep': 'whole-number timesteps (fractions are cut off)',
  'posterior-in-graph': 'the picture encoder draws in its graph',
  'guidance-embedding': 'guidance is an input of the graph',
  'controlnet-fused': 'ControlNets inside the U-Net',
  'controlnet-residuals': 'a U-Net that takes ControlNet residuals',
}

const SHOWN_TENSORS = 7

/** Lines without colours; a folder that cannot be used begins with why. */
export function describeVerdict(verdict: ModelVerdict): string[] {
  const { problems, limits, usable } = verdict
  const opening = usable ? 'This model can be used.' : 'This model cannot be used:'
  return [
    opening,
    ...problems.map(({ message }) => `  - ${message}`),
    ...facts(verdict).map(([fact, value]) => `${fact.padEnd(12)} ${value}`),
    ...(limits.length === 0 ? [] : ['It works, but:', ...limits.map(limit => `  - ${limit}`)]),
    ...(verdict.components.length === 0 ? [] : ['Its graphs:', ...verdict.components.flatMap(componentLines)]),
  ]
}

function facts(verdict: ModelVerdict): [string, string][] {
  const { title, features, layout, sizeMultiple, nativeSize, fixedSize, scheduler, predictionType } = verdict
  const size =
    fixedSize === null
      ? sizeMultiple === null
        ? ''
        : `multiples of ${sizeMultiple}; other sizes are cropped from the next one`
      : `${fixedSize[1]} x ${fixedSize[0]} only`
  const rows: [string, string][] = [
    ['what it is', title],
    ['it can do', features.map(feature => FEATURES[feature]).join(', ')],
    ['trained at', nativeSize === null ? '' : `${nativeSize[1]} x ${nativeSize[0]}`],
    ['renders at', size],
    ['scheduler', [scheduler, predictionType].filter(word => word !== null).join(', ')],
    ['layout', layout.map(note => NOTES[note]).join(', ')],
  ]
  return rows.filter(([, value]) => value !== '')
}

function componentLines({
  file,
  weightType,
  sizeBytes,
  inputs,
  outputs,
}: ModelVerdict['components'][number]): string[] {
  return [
    `  ${file} (${weightType}, ${(sizeBytes / 1e6).toFixed(1)} MB)`,
    `    in   ${shortened(inputs.map(describeTensor))}`,
    `    out  ${shortened(outputs.map(describeTensor))}`,
  ]
}

function describeTensor({ name, dtype, shape }: GraphTensor): string {
  return `${name} ${dtype}${shape === null ? '' : `[${shape.map(size => (size === '' ? '?' : size)).join(', ')}]`}`
}

/** Encoders have an output for every layer, ControlNets one for every block. */
function shortened(words: string[]): string {
  return words.length <= SHOWN_TENSORS
    ? words.join('  ')
    : `${words.slice(0, SHOWN_TENSORS - 1).join('  ')}  and ${words.length - SHOWN_TENSORS + 1} more`
}
