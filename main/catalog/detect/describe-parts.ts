/** Plain facts for the verdict: the list of components, the notes on the layout, the title. No judgement. */
import type { LayoutNote, ModelComponent, ModelFamily, ModelVariant } from '#contract/model-verdict'
import type { AutoencoderFacts } from './autoencoder-facts.ts'
import type { DenoiserFacts } from './denoiser-facts.ts'
import { inFolder, type FolderContents, type Part } from './folder-contents.ts'
import { idsInput } from './text-facts.ts'

const FAMILY_TITLES: Readonly<Record<ModelFamily, string>> = {
  sd1: 'Stable Diffusion 1.x',
  sd2: 'Stable Diffusion 2.x',
  sdxl: 'Stable Diffusion XL',
  'sdxl-refiner': 'Stable Diffusion XL refiner',
  sd3: 'Stable Diffusion 3',
  flux: 'FLUX.1',
}

const VARIANT_TITLES: Readonly<Record<ModelVariant, string>> = {
  base: '',
  inpaint: ', inpainting by its own mask input',
  instruct: ', editing by instruction (InstructPix2Pix)',
  upscaler: ', latent upscaler',
  controlnet: ', ControlNet',
  'super-resolution': ', super-resolution',
}

export function titleOf(family: ModelFamily | null, variant: ModelVariant | null, facts: DenoiserFacts | null): string {
  if (family === null) return variant === 'controlnet' ? 'A ControlNet' : 'Not recognised'
  const distilled = facts?.hasGuidanceEmbedding === true ? ', LCM (guidance embedding)' : ''
  return `${FAMILY_TITLES[family]}${variant === null ? '' : VARIANT_TITLES[variant]}${distilled}`
}

export function toComponent(part: Part, files: FolderContents['files']): ModelComponent {
  const copy = ({ name, dtype, shape }: Part['header']['inputs'][number]) => ({
    name,
    dtype,
    shape: shape === null ? null : [...shape],
  })
  const weightFiles = new Set(
    part.header.initializers.flatMap(({ external }) =>
      external === null ? [] : [inFolder(part.name, external.location)],
    ),
  )
  const sizes = [part.file, ...weightFiles].map(file => files.get(file) ?? 0)
  return {
    name: part.name,
    file: part.file,
    weightType: weightTypeOf(part),
    inputs: part.header.inputs.map(copy),
    outputs: part.header.outputs.map(copy),
    sizeBytes: sizes.reduce((sum, size) => sum + size, 0),
  }
}

/** The element type of most numbers in the graph. */
function weightTypeOf({ header }: Part): string {
  const counts = new Map<string, number>()
  for (const { dtype, dims } of header.initializers) {
    counts.set(dtype, (counts.get(dtype) ?? 0) + dims.reduce((product, size) => product * size, 1))
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'none'
}

interface Described {
  contents: FolderContents
  parts: readonly Part[]
  denoiser: Part | null
  facts: DenoiserFacts | null
  autoencoder: AutoencoderFacts
}

export function layoutNotes({ contents, parts, denoiser, facts, autoencoder }: Described): LayoutNote[] {
  const types = new Set(parts.flatMap(({ header }) => header.inputs.map(({ dtype }) => dtype)))
  const encoders = parts.filter(({ name }) => name.startsWith('text_encoder'))
  const timestep = denoiser?.header.inputs.find(({ name }) => name === 'timestep')
  const holds: Record<LayoutNote, boolean> = {
    'no-model-index': !contents.files.has('model_index.json'),
    'no-part-configs': parts.length > 0 && parts.every(({ config }) => config === null),
    'external-data': parts.some(({ header }) => header.initializers.some(({ external }) => external !== null)),
    'static-shapes': (facts?.fixedSize ?? autoencoder.fixedSize) !== null,
    'float16-io': types.has('float16'),
    'float16-weights': parts.some(part => weightTypeOf(part) === 'float16'),
    'int32-ids': encoders.some(part => idsInput(part)?.dtype === 'int32'),
    'integer-timestep': timestep?.dtype === 'int64' || timestep?.dtype === 'int32',
    'posterior-in-graph': autoencoder.drawsInGraph,
    'guidance-embedding': facts?.hasGuidanceEmbedding === true,
    'controlnet-fused': facts?.control === 'fused',
    'controlnet-residuals': parts.some(({ header }) =>
      header.inputs.some(({ name }) => name.endsWith('_additional_residual')),
    ),
  }
  return (Object.keys(holds) as LayoutNote[]).filter(note => holds[note])
}
