import { statSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDenoiser, type Conditions } from '#pipeline/denoiser'
import { createClassifierFreeGuidance } from '#pipeline/guidance/classifier-free'
import { createOrtSession } from '#pipeline/ort-session'
import { createPredictor } from '#pipeline/predictor'
import { TorchCpuGenerator } from '#pipeline/random/torch-cpu'
import type { Session } from '#pipeline/session'

const UNET = path.join(import.meta.dirname, '../../../../models/starter/unet/model.onnx')
const TOKENS = 77

describe('guidance on a real network', () => {
  let session: Session
  beforeAll(async () => {
    session = await createOrtSession(UNET, { threads: 1, weightBytes: statSync(UNET).size })
  })
  afterAll(() => session.release())

  /** A guided prediction for two pictures; `rowLimit` is how many rows one run may have. */
  async function predict(rowLimit: number): Promise<Float32Array> {
    const text = session.inputs.find(({ name }) => name === 'encoder_hidden_states')
    const width = Number(text?.shape.at(-1))
    const side = (seed: number): Conditions => ({
      encoder_hidden_states: {
        dims: [1, TOKENS, width],
        data: new TorchCpuGenerator(seed).normal([1, TOKENS, width]),
      },
    })
    const sides = { positive: side(1), negative: side(2), 'negative-without-image': side(3) }
    const denoiser = createDenoiser(session, 'unet')
    denoiser.limitRows(rowLimit)
    const guided = createPredictor({
      denoiser,
      guidance: createClassifierFreeGuidance({ scale: 5, rescale: 0.5, interval: { start: 0, end: 1 } }),
      conditionsOf: name => sides[name],
      extraChannelsOf: null,
      batch: 2,
      control: null,
    })
    const dims = [2, Number(denoiser.sample.shape[1]), 16, 24]
    const latents = { dims, data: new TorchCpuGenerator(4).normal(dims) }
    return guided(latents, 500, { index: 0, count: 1 })
  }

  it('gives the same in one batch of all sides and in runs of one row, but for rounding', async () => {
    const [batched, alone] = [await predict(4), await predict(1)]
    const largest = batched.reduce((max, value) => Math.max(max, Math.abs(value)), 0)
    expect(largest).toBeGreaterThan(0.1)
    batched.forEach((value, i) => expect(Math.abs(value - alone[i])).toBeLessThan(1e-5 * Math.max(largest, 1)))
  })
})
