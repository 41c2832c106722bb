/**
 * ControlNets (Zhang et al. 2023, arXiv 2302.05543): networks that read a condition picture and add residuals to the
 * U-Net's skips. Several may speak at once; their residuals are summed. Names, types and counts come from the graphs.
 */
import { AppError } from '#contract/errors'
import { guessModeScales, isControlled } from './control-schedule.ts'
import type { Conditions, Denoiser } from './denoiser.ts'
import type { Side, StepPosition } from './guidance/guidance.ts'
import { relieveDenoiser, type Notify } from './relief.ts'
import { concatRows, repeatRows, sliceRows, type FloatTensor } from './tensor.ts'

export interface Control {
  net: ControlNet
  /** [1, 3, height, width] in 0..1, of the render size. */
  image: FloatTensor
  scale: number
  /** Fractions of the steps. */
  start: number
  end: number
}

export interface ControlNet {
  /** Residuals by the names of the net's outputs, already times the scale. */
  residuals(
    sample: FloatTensor,
    timestep: number,
    conditions: Conditions,
    image: FloatTensor,
    scale: number,
  ): Promise<Residuals>
  /** The same that goes on with less where memory runs out, and tells it. */
  relieved(notify: Notify): ControlNet
}

export type Residuals = Readonly<Record<string, FloatTensor>>

/** `denoiser` is the net's graph: its inputs are those of a U-Net, a picture and a scale. */
export function createControlNet(denoiser: Denoiser, name: string): ControlNet {
  const hasInput = (input: string) => denoiser.inputs.some(candidate => candidate.name === input)
  if (!hasInput('controlnet_cond')) {
    throw new AppError('model-incompatible', `${name}/model.onnx has no input controlnet_cond.`, {
      details: { file: `${name}/model.onnx`, tensor: 'controlnet_cond' },
    })
  }
  return {
    residuals: (sample, timestep, conditions, image, scale) =>
      denoiser.predictAll(sample, timestep, {
        ...conditions,
        controlnet_cond: repeatRows(image, sample.dims[0] / image.dims[0]),
        conditioning_scale: { dims: [1], data: Float32Array.of(scale) },
      }),
    relieved: notify => createControlNet(relieveDenoiser(denoiser, notify), name),
  }
}

export interface ControlInput {
  scaled: FloatTensor
  timestep: number
  position: StepPosition
  sides: readonly Side[]
  /** Rows of all sides. */
  conditions: Conditions
  batch: number
}

/** The sum over the nets that speak at this step; null when none does. In guess mode only the prompt's side is controlled. */
export async function controlResiduals(
  controls: readonly Control[],
  isGuessMode: boolean,
  { scaled, timestep, position, sides, conditions, batch }: ControlInput,
): Promise<Residuals | null> {
  const active = controls.filter(({ start, end }) => isControlled(position.index, position.count, start, end))
  if (active.length === 0) return null
  const side = isGuessMode ? sides.indexOf('positive') : -1
  const rows = side < 0 ? repeatSides(scaled, sides.length) : scaled
  const shown = side < 0 ? conditions : rowsOf(conditions, side * batch, (side + 1) * batch)
  let sum: Residuals | null = null
  for (const { net, image, scale } of active) {
    const residuals = await net.residuals(rows, timestep, shown, image, scale)
    sum = sum === null ? residuals : add(sum, residuals)
  }
  if (sum === null || side < 0) return sum
  return spread(weaken(sum), side, sides.length)
}

function repeatSides(scaled: FloatTensor, count: number): FloatTensor {
  return count === 1 ? scaled : concatRows(new Array<FloatTensor>(count).fill(scaled))
}

function rowsOf(conditions: Conditions, start: number, end: number): Conditions {
  return Object.fromEntries(Object.entries(conditions).map(([name, tensor]) => [name, sliceRows(tensor, start, end)]))
}

function add(a: Residuals, b: Residuals): Residuals {
  return mapValues(a, (tensor, name) => ({
    dims: tensor.dims,
    data: tensor.data.map((value, i) => value + b[name].data[i]),
  }))
}

/** 0.1 at the first residual, 1 at the middle block's, which is the last output. */
function weaken(residuals: Residuals): Residuals {
  const scales = guessModeScales(Object.keys(residuals).length)
  const names = Object.keys(residuals)
  return mapValues(residuals, ({ dims, data }, name) => ({
    dims,
    data: data.map(value => value * scales[names.indexOf(name)]),
  }))
}

/** The rows of one side, zeros for the others. */
function spread(residuals: Residuals, side: number, sides: number): Residuals {
  return mapValues(residuals, tensor => {
    const data = new Float32Array(tensor.data.length * sides)
    data.set(tensor.data, side * tensor.data.length)
    return { dims: [tensor.dims[0] * sides, ...tensor.dims.slice(1)], data }
  })
}

function mapValues(residuals: Residuals, map: (tensor: FloatTensor, name: string) => FloatTensor): Residuals {
  return Object.fromEntries(Object.entries(residuals).map(([name, tensor]) => [name, map(tensor, name)]))
}
