import { describe, expect, it } from 'vitest'
import { ClassifierGuidance, gradientFromSession } from '#pipeline/guidance/classifier-guidance'
import type { FlowPredictionType } from '#pipeline/schedulers/prediction'
import type { Session } from '#pipeline/session'
import { toFloat32 } from '#pipeline/tensor-cast'
import type { FloatTensor, Tensor } from '#pipeline/tensor'

/**
 * Two classes of Gaussian data, p(x_0 | y) = N(mean_y, d^2 I), equally likely. For x_t = alpha x_0 + sigma n everything is
 * known: p(x_t | y) = N(alpha mean_y, v I) with v = alpha^2 d^2 + sigma^2, the score of the mixture, the classifier
 * p(y | x_t) and its gradient.
 */
const MEANS = [Float64Array.from([1.5, -0.5, 0.25]), Float64Array.from([-1, 0.75, 2])]
const DEVIATION = 0.6
const ALPHA = 0.8
const SIGMA = 0.6
const VARIANCE = ALPHA ** 2 * DEVIATION ** 2 + SIGMA ** 2
const X = Float32Array.from([0.4, 0.1, 0.9])
const LATENTS: FloatTensor = { dims: [1, 3], data: X }

function scoreOfClass(y: number): Float64Array {
  return MEANS[y].map((m, i) => (ALPHA * m - X[i]) / VARIANCE)
}

function probabilities(): number[] {
  const logs = MEANS.map(mean => -mean.reduce((sum, m, i) => sum + (X[i] - ALPHA * m) ** 2, 0) / (2 * VARIANCE))
  const total = logs.reduce((sum, l) => sum + Math.exp(l), 0)
  return logs.map(l => Math.exp(l) / total)
}

function scoreOfMixture(): Float64Array {
  const p = probabilities()
  const [first, second] = [0, 1].map(scoreOfClass)
  return first.map((s, i) => p[0] * s + p[1] * second[i])
}

function gradientOfClass(y: number): Float32Array {
  const mixture = scoreOfMixture()
  return Float32Array.from(scoreOfClass(y), (s, i) => s - mixture[i])
}

/** The optimal prediction for a score: n = -sigma score, x_0 = (x + sigma^2 score) / alpha. */
function predictionOf(type: FlowPredictionType, score: Float64Array, alpha: number): Float32Array {
  return Float32Array.from(score, (s, i) => {
    const noise = -SIGMA * s
    const clean = (X[i] + SIGMA ** 2 * s) / alpha
    switch (type) {
      case 'epsilon':
        return noise
      case 'sample':
        return clean
      case 'v_prediction':
        return alpha * noise - SIGMA * clean
      case 'flow_prediction':
        return noise - clean
    }
  })
}

describe('ClassifierGuidance', () => {
  it.each(['epsilon', 'sample', 'v_prediction'] as const)(
    'turns the model of all data into the model of one class at scale 1, predicting %s',
    async type => {
      for (const y of [0, 1]) {
        const guidance = new ClassifierGuidance({ gradient: async () => gradientOfClass(y), scale: 1 })
        const noisy = { latents: LATENTS, timestep: 500, alpha: ALPHA, sigma: SIGMA }
        const guided = await guidance.guide(predictionOf(type, scoreOfMixture(), ALPHA), type, noisy)
        predictionOf(type, scoreOfClass(y), ALPHA).forEach((value, i) => expect(guided[i]).toBeCloseTo(value, 5))
      }
    },
  )

  it('does so for flow models, whose alpha is 1 - sigma', async () => {
    const alpha = 1 - SIGMA
    const gradient = gradientOfClass(0)
    const guidance = new ClassifierGuidance({ gradient: async () => gradient, scale: 1 })
    const mixture = scoreOfMixture()
    const prediction = predictionOf('flow_prediction', mixture, alpha)
    const noisy = { latents: LATENTS, timestep: 500, alpha, sigma: SIGMA }
    const guided = await guidance.guide(prediction, 'flow_prediction', noisy)
    const shifted = predictionOf(
      'flow_prediction',
      mixture.map((s, i) => s + gradient[i]),
      alpha,
    )
    shifted.forEach((value, i) => expect(guided[i]).toBeCloseTo(value, 5))
  })

  it('pulls in proportion to its scale, and not at all at 0', async () => {
    const noisy = { latents: LATENTS, timestep: 500, alpha: ALPHA, sigma: SIGMA }
    const prediction = predictionOf('epsilon', scoreOfMixture(), ALPHA)
    const at = (scale: number) =>
      new ClassifierGuidance({ gradient: async () => gradientOfClass(0), scale }).guide(prediction, 'epsilon', noisy)
    expect(await at(0)).toEqual(prediction)
    const [one, four] = [await at(1), await at(4)]
    four.forEach((value, i) => expect(value - prediction[i]).toBeCloseTo(4 * (one[i] - prediction[i]), 5))
  })

  it('refuses a negative scale by name', () => {
    expect(() => new ClassifierGuidance({ gradient: async () => X, scale: -2 })).toThrow('classifierGuidance is -2')
  })
})

describe('gradientFromSession', () => {
  it('feeds latents, timestep and class as the graph declares them', async () => {
    const seen: Record<string, Tensor>[] = []
    const session = classifierSession(feeds => void seen.push(feeds))
    const gradient = await gradientFromSession(session, 7)({ dims: [2, 3], data: new Float32Array(6).fill(3) }, 12.5)
    expect([...gradient]).toEqual(new Array(6).fill(-3))
    expect(seen[0].timestep).toEqual({ dtype: 'int64', dims: [2], data: BigInt64Array.from([12n, 12n]) })
    expect(seen[0].class_labels).toEqual({ dtype: 'int64', dims: [2], data: BigInt64Array.from([7n, 7n]) })
  })

  it('names the input that a graph lacks', () => {
    const session = { ...classifierSession(() => undefined), inputs: [] }
    expect(() => gradientFromSession(session, 0)).toThrow('The classifier has no input sample')
  })
})

/** Gives minus the latents: the gradient of log N(x; 0, I). */
function classifierSession(onRun: (feeds: Record<string, Tensor>) => void): Session {
  const rows = ['rows']
  return {
    inputs: [
      { name: 'sample', dtype: 'float32', shape: ['rows', 3] },
      { name: 'timestep', dtype: 'int64', shape: rows },
      { name: 'class_labels', dtype: 'int64', shape: rows },
    ],
    outputs: [{ name: 'gradient', dtype: 'float32', shape: ['rows', 3] }],
    run: async feeds => {
      onRun(feeds)
      const data = toFloat32(feeds.sample).map(v => -v)
      return { gradient: { dtype: 'float32', dims: feeds.sample.dims, data } }
    },
    release: async () => undefined,
  }
}
