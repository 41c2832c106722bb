/**
 * Networks that make a picture larger, pixels in and pixels out (ESRGAN, Real-ESRGAN, SwinIR and their kin): one graph that lies in
 * the folder itself, float [n, 3, height, width] in 0..1 -> [n, 3, factor height, factor width].
 */
import type { ErrorPayload } from '#contract/errors'
import type { ModelVerdict } from '#contract/model-verdict'
import { graphAlone } from '#graph/graph-alone'
import type { GraphValue } from '#graph/onnx-types'
import { toComponent } from './describe-parts.ts'
import { axis, type FolderContents, type Part } from './folder-contents.ts'
import { findGraphProblems, problem } from './graph-problems.ts'

const FLOATS = ['float32', 'float16']

/** null for a folder that holds something else. */
export function detectSuperResolution(contents: FolderContents): ModelVerdict | null {
  const file = graphAlone(contents.files.keys())
  if (file === null) return null
  const header = contents.graphs.get(file)
  const part = header === undefined ? null : { name: '', file, header, config: null }
  const problems = [
    ...contents.damaged,
    ...(part === null ? [] : [...shapeProblems(part), ...findGraphProblems(part, contents.files)]),
  ]
  const fixed = part === null ? null : fixedTile(part)
  const usable = problems.length === 0
  return {
    usable,
    family: null,
    variant: 'super-resolution',
    title: 'Super-resolution: makes pictures larger',
    components: part === null ? [] : [toComponent(part, contents.files)],
    layout: [],
    features: usable ? ['super-resolution'] : [],
    maxClipSkip: 0,
    latentChannels: null,
    vaeFactor: null,
    latentScaling: null,
    sizeMultiple: null,
    nativeSize: null,
    fixedSize: null,
    scheduler: null,
    predictionType: null,
    limits: fixed === null ? [] : [`It sees ${fixed.join(' x ')} pixels at a time: pictures are made in tiles.`],
    problems,
  }
}

/** [height, width] where the graph takes no other; pictures then are made in tiles of that size. */
function fixedTile({ header }: Part): [number, number] | null {
  const [height, width] = [axis(header.inputs[0], 2), axis(header.inputs[0], 3)]
  return height === null || width === null ? null : [height, width]
}

function shapeProblems({ file, header: { inputs, outputs } }: Part): ErrorPayload[] {
  const expected = 'one picture in and one out, each float [n, 3, height, width]'
  const isPicture = (value: GraphValue | undefined): boolean =>
    value !== undefined &&
    FLOATS.includes(value.dtype) &&
    (value.shape === null || (value.shape.length === 4 && [null, 3].includes(axis(value, 1))))
  const wrong =
    inputs.length !== 1 || outputs.length !== 1 ? null : [...inputs, ...outputs].find(value => !isPicture(value))
  if (wrong === undefined) return []
  const list = (values: readonly GraphValue[]): string =>
    values.map(({ name, dtype, shape }) => `${name} ${dtype}[${shape?.join(', ') ?? '?'}]`).join(', ')
  const actual = `in: ${list(inputs)}; out: ${list(outputs)}`
  const message = `${file} lies in the folder itself, so it is taken for a network that makes pictures larger, and it is none: ${actual}. The graphs of other models lie in folders of their own (unet, vae_decoder).`
  return [
    problem('model-incompatible', message, {
      file,
      ...(wrong === null ? {} : { tensor: wrong.name }),
      expected,
      actual,
    }),
  ]
}
