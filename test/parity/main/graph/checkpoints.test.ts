/** Graphs that Easel writes for checkpoints, against the numbers of diffusers; provenance in test/fixtures/checkpoints/README.md. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runCheckpoint } from '../../../../scripts/parity/pipelines/checkpoint-cases.ts'

const CHECKPOINTS = join(import.meta.dirname, '../../../fixtures/checkpoints')

it.each(['tiny-sd15', 'tiny-sd21-v', 'tiny-sdxl'])(
  '%s in one float16 file: every network gives the numbers of diffusers',
  async name => {
    const results = (await runCheckpoint(join(CHECKPOINTS, name))).flatMap(file => file.results)
    expect(results.filter(result => !result.passed)).toEqual([])
    expect(results.map(({ id }) => id)).toEqual(
      ['unet', 'vae_encoder', 'vae_decoder', 'text'].map(part => `probes_fp16_weights ${part}`),
    )
  },
)
