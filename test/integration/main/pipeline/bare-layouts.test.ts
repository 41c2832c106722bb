/** Exports without configs and without an index, as AMD, Amuse and the first scripts make them: what the files do not say is read from the graphs. */
import { cp, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { readModelFiles } from '#engine/read-model'
import { openComponents, type Components } from '#pipeline/components'
import { plainOpening } from '#test/plain-opening'
import { scratchFolder } from '#test/scratch-folder'

const MODELS = resolve('test/fixtures/models')

async function openBare(model: string, check: (components: Components) => Promise<void> | void): Promise<void> {
  const folder = join(await scratchFolder(), 'model')
  await cp(join(MODELS, model), folder, { recursive: true })
  for (const part of ['unet', 'transformer', 'vae_encoder', 'vae_decoder', 'text_encoder', 'text_encoder_2']) {
    await rm(join(folder, part, 'config.json'), { force: true })
  }
  await rm(join(folder, 'model_index.json'))
  const components = await openComponents(await readModelFiles(folder), plainOpening(1))
  try {
    await check(components)
  } finally {
    await components.release()
  }
}

const scaleOf = ({ autoencoder }: Components): number => {
  const [one, two] = [1, 2].map(value => {
    const latents = { dims: [1, 1, 1, 1], data: Float32Array.of(value) }
    return autoencoder.toDecoderInput(latents).data[0] ?? NaN
  })
  return 1 / (two - one)
}

it('counts how often the networks halve the picture by the names of their weights', async () => {
  await openBare('sd15', ({ autoencoder, sizeMultiple }) => {
    expect(autoencoder.factor).toBe(8)
    expect(sizeMultiple).toBe(16)
  })
})

it('scales the latents of SD 1 as that family was trained', async () => {
  await openBare('sd15', components => expect(scaleOf(components)).toBeCloseTo(0.18215, 6))
})

it('scales the latents of SDXL as that family was trained, and takes zeros for no negative prompt', async () => {
  await openBare('sdxl', async components => {
    expect(scaleOf(components)).toBeCloseTo(0.13025, 6)
    const { negative } = await components.conditioner.encode({
      prompt: [[{ text: 'a fox', weight: 1 }]],
      negativePrompt: null,
      guided: true,
      size: { height: 64, width: 96 },
      truncate: false,
    })
    expect(negative?.['encoder_hidden_states']?.data.every(value => value === 0)).toBe(true)
  })
})
