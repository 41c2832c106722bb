/**
 * Classifier guidance: a classifier that was trained on noisy latents pulls the prediction towards a class.
 *   x_t = alpha x_0 + sigma n,   e' = e - s sigma grad_x log p(y | x_t)
 * Dhariwal and Nichol 2021, arXiv 2105.05233, algorithm 2 (sigma is their sqrt(1 - alphabar)). With s = 1 and the exact
 * gradient, the prediction becomes that of the model of class y alone (Bayes: score(x | y) = score(x) + grad log p(y | x)).
 *
 * A shift d = e' - e of the predicted noise is, in the other parametrisations,
 *   x_0: -sigma / alpha d     v = alpha n - sigma x_0: d / alpha     flow = n - x_0 with alpha = 1 - sigma: d / alpha
 */
import { AppError } from '#contract/errors'
import type { FlowPredictionType } from '../schedulers/prediction.ts'
import type { Session } from '../session.ts'
import { toFloat32, toTensor } from '../tensor-cast.ts'
import type { FloatTensor } from '../tensor.ts'
import { checkScale } from './guidance.ts'

/** grad_x log p(y | x_t), of the shape of the latents. */
export type LogProbabilityGradient = (latents: FloatTensor, timestep: number) => Promise<Float32Array>

export interface NoisyLatents {
  /** x_t */
  latents: FloatTensor
  timestep: number
  /** x_t = alpha x_0 + sigma n */
  alpha: number
  sigma: number
}

export class ClassifierGuidance {
  readonly #gradient: LogProbabilityGradient
  readonly #scale: number

  /** `scale` is s. */
  constructor({ gradient, scale }: { gradient: LogProbabilityGradient; scale: number }) {
    checkScale('classifierGuidance', scale)
    this.#gradient = gradient
    this.#scale = scale
  }

  /** The model's prediction, pulled towards the class; a new array. */
  async guide(prediction: Float32Array, type: FlowPredictionType, noisy: NoisyLatents): Promise<Float32Array> {
    const gradient = await this.#gradient(noisy.latents, noisy.timestep)
    const factor = -this.#scale * noisy.sigma * inParametrisation(type, noisy)
    const guided = new Float32Array(prediction.length)
    for (let i = 0; i < guided.length; i++) guided[i] = prediction[i] + factor * gradient[i]
    return guided
  }
}

/** What a shift of 1 in the predicted noise is in what the model predicts. */
function inParametrisation(type: FlowPredictionType, { alpha, sigma }: NoisyLatents): number {
  switch (type) {
    case 'epsilon':
      return 1
    case 'sample':
      return -sigma / alpha
    case 'v_prediction':
    case 'flow_prediction':
      return 1 / alpha
  }
}

/**
 * A graph that takes `sample` [rows, ...], `timestep` and `class_labels` [rows] and gives the gradient of the log
 * probability of those classes as its first output (exporters differentiate the classifier before they write it).
 */
export function gradientFromSession(session: Session, label: number): LogProbabilityGradient {
  const inputNamed = (name: string) => {
    const input = session.inputs.find(candidate => candidate.name === name)
    if (input) return input
    const actual = session.inputs.map(candidate => candidate.name)
    throw new AppError('model-incompatible', `The classifier has no input ${name} (it has ${actual.join(', ')}).`, {
      details: { tensor: name, actual },
    })
  }
  const [sample, time, labels] = ['sample', 'timestep', 'class_labels'].map(inputNamed)
  return async (latents, timestep) => {
    const rows = latents.dims[0]
    const timeDims = time.shape.length === 0 ? [] : [typeof time.shape[0] === 'number' ? time.shape[0] : rows]
    const outputs = await session.run({
      sample: toTensor(latents.data, latents.dims, sample.dtype),
      timestep: toTensor(new Array<number>(timeDims[0] ?? 1).fill(timestep), timeDims, time.dtype),
      class_labels: toTensor(new Array<number>(rows).fill(label), [rows], labels.dtype),
    })
    return toFloat32(outputs[session.outputs[0].name])
  }
}
