/** The starter in four steps, on real ONNX Runtime, against latents that diffusers made; provenance in test/fixtures/starter-few-goldens/README.md. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { plainPrompt } from '#contract/prompt'
import { readModelFiles } from '#engine/read-model'
import { openComponents } from '#pipeline/components'
import { isGuided } from '#pipeline/guidance/guidance'
import { createModelScheduler } from '#pipeline/model-scheduler'
import { makeImages } from '#pipeline/pipeline'
import { TorchCpuGenerator } from '#pipeline/random/torch-cpu'
import { plainOpening } from '#test/plain-opening'
import { ROOT } from '#test/test-app'

interface Golden {
  prompt: string
  seed: number
  steps: number
  guidance: number
  timesteps: number[]
  /** Of the last latents, every so manieth is kept. */
  every: number
  latents: number[]
  /** SHA-256 of the U-Net's graph that the numbers belong to. */
  unet: string
}

const FOLDER = join(ROOT, 'models/starter-few')
const SIZE = { height: 128, width: 128 }
const TOLERANCE = 1e-3
const golden = JSON.parse(
  readFileSync(join(ROOT, 'test/fixtures/starter-few-goldens/four-steps.json'), 'utf8'),
) as Golden

it('the golden of four steps belongs to the graph that is shipped', () => {
  const graph = readFileSync(join(FOLDER, 'unet/model.onnx'))
  expect(createHash('sha256').update(graph).digest('hex')).toBe(golden.unet)
})

it('the starter in four steps ends with the latents that diffusers ends with', async () => {
  const files = await readModelFiles(FOLDER)
  const components = await openComponents(files, plainOpening(0))
  const run = makeImages(components, {
    scheduler: createModelScheduler(files.schedulerConfig ?? {}, 'lcm', 'model', components.denoiser.inputs),
    settings: { steps: golden.steps, guidance: golden.guidance, guidanceRescale: 0 },
    conditions: await components.conditioner.encode({
      prompt: plainPrompt(golden.prompt),
      negativePrompt: plainPrompt(''),
      guided: isGuided(golden.guidance),
      size: SIZE,
      truncate: true,
    }),
    size: SIZE,
    batch: 1,
    noise: new TorchCpuGenerator(golden.seed),
    from: { kind: 'noise' },
    signal: new AbortController().signal,
  })
  const timesteps: number[] = []
  let latents: Float32Array = new Float32Array()
  for await (const event of run) {
    if (event.type !== 'step') continue
    timesteps.push(event.timestep)
    latents = event.latents
  }
  await components.release()
  expect(timesteps).toEqual(golden.timesteps)
  const kept = [...latents].filter((_, i) => i % golden.every === 0)
  expect(kept).toHaveLength(golden.latents.length)
  for (const [i, value] of kept.entries()) expect(Math.abs(value - golden.latents[i])).toBeLessThan(TOLERANCE)
})
