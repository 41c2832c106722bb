/** Classifier guidance on real ONNX Runtime: a gradient graph that the recipe exported pulls the starter's pictures towards a class. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { plainPrompt } from '#contract/prompt'
import { readModelFiles } from '#engine/read-model'
import { openComponents, type Components } from '#pipeline/components'
import { denoise } from '#pipeline/denoise'
import type { Conditions } from '#pipeline/denoiser'
import { ClassifierGuidance, gradientFromSession } from '#pipeline/guidance/classifier-guidance'
import { createClassifierFreeGuidance } from '#pipeline/guidance/classifier-free'
import type { ModelFiles } from '#pipeline/model-files'
import { createModelScheduler } from '#pipeline/model-scheduler'
import { createOrtSession } from '#pipeline/ort-session'
import { createPredictor, type Predict } from '#pipeline/predictor'
import { TorchCpuGenerator } from '#pipeline/random/torch-cpu'
import type { Session } from '#pipeline/session'
import { toFloat32, toTensor } from '#pipeline/tensor-cast'
import type { FloatTensor } from '#pipeline/tensor'
import { plainOpening } from '#test/plain-opening'
import { STARTER_FOLDER } from '#test/starter-job'

const FOLDER = join(import.meta.dirname, '../../../fixtures/starter-classifier')
const GRAPH = join(FOLDER, 'model.onnx')
const CLASSES = JSON.parse(readFileSync(join(FOLDER, 'classes.json'), 'utf8')) as string[]
const SIZE = { width: 128, height: 128 }
const STEPS = 12
const ALMOST_CLEAN = 40
/** The classifier is small: its gradient is turned up, as Dhariwal and Nichol do (their scales are 1 to 10). */
const SCALE = 6

describe('classifier guidance on the starter model', () => {
  let files: ModelFiles
  let components: Components
  let classifier: Session
  let nothing: Conditions
  beforeAll(async () => {
    files = await readModelFiles(STARTER_FOLDER)
    components = await openComponents(files, plainOpening(0))
    classifier = await createOrtSession(GRAPH, { threads: 1, weightBytes: readFileSync(GRAPH).length })
    const prompt = plainPrompt('')
    const encoded = { prompt, negativePrompt: prompt, guided: false, size: SIZE, truncate: true }
    nothing = (await components.conditioner.encode(encoded)).positive
  })
  afterAll(async () => {
    await components.release()
    await classifier.release()
  })

  /** Latents that the model makes of no words at all, pulled by `guidance` where there is one. */
  async function draw(seed: number, guidance: ClassifierGuidance | null): Promise<FloatTensor> {
    const config = files.schedulerConfig ?? {}
    const scheduler = createModelScheduler(config, 'ddim', 'model', components.denoiser.inputs)
    scheduler.setTimesteps({ steps: STEPS })
    const dims = [1, 4, SIZE.height / 8, SIZE.width / 8]
    const noise = new TorchCpuGenerator(seed)
    const latents = { dims, data: noise.normal(dims) }
    const plain = createPredictor({
      denoiser: components.denoiser,
      guidance: createClassifierFreeGuidance({ scale: 1, rescale: 0, interval: { start: 0, end: 1 } }),
      conditionsOf: () => nothing,
      extraChannelsOf: null,
      batch: 1,
      control: null,
    })
    const predict: Predict = async (scaled, timestep, position) => {
      const prediction = await plain(scaled, timestep, position)
      if (guidance === null) return prediction
      const noisy = { latents: scaled, timestep, ...mixAt(timestep) }
      return guidance.guide(prediction, 'v_prediction', noisy)
    }
    const run = denoise({
      scheduler,
      latents,
      begin: 0,
      from: 0,
      end: STEPS,
      predict,
      noise,
      afterStep: null,
      signal: new AbortController().signal,
      rest: () => Promise.resolve(),
    })
    let data = latents.data
    for await (const step of run) data = step.latents
    return { dims, data }
  }

  /** log p(label | latents), as the graph's second output gives it. */
  async function logProbability(latents: FloatTensor, label: number): Promise<number> {
    const outputs = await classifier.run({
      sample: toTensor(latents.data, latents.dims, 'float32'),
      timestep: toTensor([ALMOST_CLEAN], [1], 'int64'),
      class_labels: toTensor([label], [1], 'int64'),
    })
    return toFloat32(outputs['log_probability'])[0]
  }

  it.each(['cat', 'apple', 'house', 'robot'])(
    'makes class "%s" ten times as likely where no word asks for it',
    async noun => {
      const label = CLASSES.indexOf(noun)
      expect(label).toBeGreaterThanOrEqual(0)
      const guidance = new ClassifierGuidance({ gradient: gradientFromSession(classifier, label), scale: SCALE })
      const [free, pulled] = [await draw(3, null), await draw(3, guidance)]
      const [before, after] = [await logProbability(free, label), await logProbability(pulled, label)]
      // One seed's picture may end between two things, whatever the weights; but it must have gone a long way.
      expect(after - before).toBeGreaterThan(Math.log(10))
    },
  )

  it('changes nothing at scale 0', async () => {
    const guidance = new ClassifierGuidance({ gradient: gradientFromSession(classifier, 0), scale: 0 })
    expect((await draw(3, guidance)).data).toEqual((await draw(3, null)).data)
  })
})

/** x_t = alpha x_0 + sigma n in the starter's schedule: linear betas from 0.0001 to 0.02 over 1000 steps. */
function mixAt(timestep: number): { alpha: number; sigma: number } {
  let kept = 1
  for (let t = 0; t <= timestep; t++) kept *= 1 - (1e-4 + ((0.02 - 1e-4) * t) / 999)
  return { alpha: Math.sqrt(kept), sigma: Math.sqrt(1 - kept) }
}
