/** Graphs that Easel writes for checkpoints, against the numbers of diffusers; provenance in test/fixtures/checkpoints/README.md. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runCheckpoint } from '../../../../scripts/parity/pipelines/checkpoint-cases.ts'

const CHECKPOINTS = join(import.meta.dirname, '../../../fixtures/checkpoints')

const PARTS = ['unet', 'vae_encoder', 'vae_decoder', 'text'].map(part => `probes_fp16_weights ${part}`)

it.each([
  [
    'tiny-sd15',
    ['kohya_r4_locon_fp16@1.0', 'kohya_r4_locon_fp16@0.6', 'old_diffusers_r4@1.0', 'peft_r8_fp16@1.0', 'combo'],
  ],
  ['tiny-sd21-v', []],
  ['tiny-sdxl', ['kohya_r4_locon_fp16@1.0', 'kohya_r4_locon_fp16@0.6', 'peft_r8_fp16@1.0', 'combo']],
])(
  '%s in one float16 file: every network gives the numbers of diffusers, also with LoRAs merged',
  async (name, loras) => {
    const results = (await runCheckpoint(join(CHECKPOINTS, name))).flatMap(file => file.results)
    expect(results.filter(result => !result.passed)).toEqual([])
    expect(results.map(({ id }) => id)).toEqual([...PARTS, ...loras.map(id => `${name}-fp16.safetensors: ${id}`)])
  },
)
