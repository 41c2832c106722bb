/** The whole pipeline on real ONNX Runtime against numbers that diffusers made; provenance in test/fixtures/starter-goldens/README.md. */
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readModelFiles } from '#engine/read-model'
import { decodePicture } from '#imaging/sharp-codec'
import { openComponents, type Components } from '#pipeline/components'
import type { ModelFiles } from '#pipeline/model-files'
import { createModelScheduler } from '#pipeline/model-scheduler'
import { plainOpening } from '#test/plain-opening'
import { isGuided } from '#pipeline/guidance/guidance'
import { makeImages, type PipelineEvent, type PipelineResult } from '#pipeline/pipeline'
import { fromRgbImage } from '#pipeline/pixels'
import { TorchCpuGenerator } from '#pipeline/random/torch-cpu'
import { createClipTokenizer } from '#pipeline/text/clip-tokenizer'
import { plainPrompt } from '#contract/prompt'
import { toWindows } from '#pipeline/text/windows'
import { largestDifference, readGoldenCase } from '#test/golden-case'

interface StarterCase {
  prompt: string
  negative_prompt: string
  seed: number
  steps: number
  guidance_scale: number
  height: number
  width: number
  scheduler: keyof typeof SCHEDULER_IDS
  scheduler_overrides: { use_karras_sigmas?: boolean }
  strength: number | null
  input_image: string | null
  prompt_ids: number[]
  negative_ids: number[]
  timesteps: number[]
}

const SCHEDULER_IDS = {
  DDIMScheduler: 'ddim',
  EulerDiscreteScheduler: 'euler',
  DPMSolverMultistepScheduler: 'dpmpp-2m',
} as const

const GOLDENS = join(import.meta.dirname, '../../../fixtures/starter-goldens')
const STARTER = join(import.meta.dirname, '../../../../models/starter')
const LATENT_TOLERANCE = 1e-3
const cases = readdirSync(GOLDENS)
  .filter(file => file.endsWith('.json'))
  .map(file => file.slice(0, -5))
const weights = createHash('sha256')
  .update(readFileSync(join(STARTER, 'unet/model.onnx')))
  .digest('hex')
const sameWeights = weights === readFileSync(join(GOLDENS, 'weights.sha256'), 'utf8').trim()

describe.skipIf(!sameWeights)(
  'the starter model against diffusers (skipped when models/starter holds other weights)',
  () => {
    let files: ModelFiles
    let components: Components
    beforeAll(async () => {
      files = await readModelFiles(STARTER)
      components = await openComponents(files, plainOpening(0))
    })
    afterAll(() => components.release())

    it.each(cases)('makes the same ids, embeddings, noise, latents at every step and picture: %s', async id => {
      const golden = readGoldenCase<StarterCase>(GOLDENS, id)
      const { settings } = golden
      const tokenizer = createClipTokenizer(getValue(files.tokenizers, 'tokenizer'))
      const ids = (text: string) => toWindows(tokenizer, plainPrompt(text), 77, 1).windows[0]?.ids
      expect(ids(settings.prompt)).toEqual(settings.prompt_ids)
      expect(ids(settings.negative_prompt)).toEqual(settings.negative_ids)

      const size = { height: settings.height, width: settings.width }
      const conditions = await components.conditioner.encode({
        prompt: plainPrompt(settings.prompt),
        negativePrompt: plainPrompt(settings.negative_prompt),
        guided: isGuided(settings.guidance_scale),
        size,
        truncate: true,
      })
      expectClose(getValue(conditions.positive, 'encoder_hidden_states').data, golden.array('prompt_embeds').data, 1e-4)
      if (conditions.negative) {
        expectClose(
          getValue(conditions.negative, 'encoder_hidden_states').data,
          golden.array('negative_prompt_embeds').data,
          1e-4,
        )
      }

      const from =
        settings.input_image === null || settings.strength === null
          ? { kind: 'noise' as const }
          : {
              kind: 'image' as const,
              pixels: await readPixels(join(GOLDENS, settings.input_image)),
              strength: settings.strength,
            }
      const run = makeImages(components, {
        scheduler: createModelScheduler(
          files.schedulerConfig ?? {},
          SCHEDULER_IDS[settings.scheduler],
          settings.scheduler_overrides.use_karras_sigmas === true ? 'karras' : 'model',
          components.denoiser.inputs,
        ),
        settings: {
          steps: settings.steps,
          guidance: settings.guidance_scale,
          guidanceRescale: 0,
        },
        conditions,
        size,
        batch: 1,
        noise: new TorchCpuGenerator(settings.seed),
        from,
        signal: new AbortController().signal,
      })
      const { events, result } = await collect(run)
      const prepared = events.find(event => event.type === 'prepared')
      expect(prepared?.noise?.data).toEqual(golden.array('initial_noise').data)
      expectClose(prepared?.latents.data, golden.array('first_sample').data, 1e-4)
      const steps = events.filter(event => event.type === 'step')
      expect(steps.map(step => step.timestep)).toEqual(settings.timesteps)
      const expected = golden.array('latents_steps')
      const size1 = expected.data.length / settings.timesteps.length
      for (const [i, step] of steps.entries()) {
        expectClose(step.latents, expected.data.subarray(i * size1, (i + 1) * size1), LATENT_TOLERANCE)
      }
      expectClose(toHeightWidthColour(result), golden.array('image').data, 2e-3)
    })
  },
)

function expectClose(actual: Float32Array | undefined, expected: Float32Array, tolerance: number): void {
  expect(largestDifference(actual ?? new Float32Array(), expected)).toBeLessThan(tolerance)
}

async function collect(run: AsyncGenerator<PipelineEvent, PipelineResult, void>) {
  const events: PipelineEvent[] = []
  for (;;) {
    const next = await run.next()
    if (next.done === true) return { events, result: next.value }
    events.push(next.value)
  }
}

async function readPixels(file: string) {
  return fromRgbImage(await decodePicture(file))
}

/** [1, 3, h, w] in -1..1 -> [h, w, 3] in 0..1 */
function toHeightWidthColour({ image }: PipelineResult): Float32Array {
  const [, , height = 0, width = 0] = image.dims
  const plane = height * width
  return Float32Array.from({ length: 3 * plane }, (_, i) => {
    const value = image.data[(i % 3) * plane + Math.floor(i / 3)] ?? NaN
    return Math.min(Math.max(value / 2 + 0.5, 0), 1)
  })
}

function getValue<T>(record: Readonly<Record<string, T>>, key: string): T {
  const value = record[key]
  if (value === undefined) throw new Error(`no ${key}`)
  return value
}
