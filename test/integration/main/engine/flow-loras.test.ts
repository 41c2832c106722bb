/** LoRAs on ONNX exports of diffusion transformers, from the file to the picture. */
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { inspectModel } from '#catalog/detect/inspect-model'
import type { Engine } from '#engine/engine'
import { createLocalEngine } from '#engine/local-engine'
import { createOrtSession } from '#pipeline/ort-session'
import { fixtureFolder, runFixture } from '#test/fixture-job'
import { toSafetensors, type FloatArray } from '#test/safetensors'
import { scratchFolder } from '#test/scratch-folder'

const WIDTH = 32
const RANK = 4

let engine: Engine
beforeAll(() => {
  engine = createLocalEngine({ createSession: createOrtSession, now: () => performance.now() })
})
afterAll(() => engine.dispose())

const matrix = (rows: number, columns: number, seed: number): FloatArray => ({
  dims: [rows, columns],
  data: Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i * 1.7 + seed) * 0.4),
})

async function draw(model: string, arrays: Readonly<Record<string, FloatArray>> | null, weight = 1): Promise<Buffer> {
  const folder = await scratchFolder()
  const bytes = toSafetensors(arrays ?? {})
  const file = join(folder, 'style.safetensors')
  await writeFile(file, bytes)
  const use = { name: 'style', file, hash: createHash('sha256').update(bytes).digest('hex'), weight }
  const loras = arrays === null ? [] : [use]
  const plan = { width: 64, height: 96, steps: 2, scheduler: 'flow-match-euler' } as const
  return Buffer.from((await runFixture(engine, folder, model, plan, { loras })).picture.data)
}

it.each([
  ['flux/tiny-flux-dev', 'lora_unet_double_blocks_0_img_attn_qkv'],
  ['sd3/tiny-sd3', 'lora_unet_joint_blocks_0_x_block_attn_qkv'],
])(
  '%s makes the same picture with one file in two programs’ names, and another than without it',
  async (model, joined) => {
    expect((await inspectModel(fixtureFolder(model))).features).toContain('lora')
    const [down, up] = [matrix(RANK, WIDTH, 1), matrix(3 * WIDTH, RANK, 2)]
    const part = (i: number): FloatArray => ({
      dims: [WIDTH, RANK],
      data: up.data.slice(i * WIDTH * RANK, (i + 1) * WIDTH * RANK),
    })
    const own = 'transformer.transformer_blocks.0.attn'
    const apart = Object.fromEntries(
      ['to_q', 'to_k', 'to_v'].flatMap((name, i) => [
        [`${own}.${name}.lora_A.weight`, down],
        [`${own}.${name}.lora_B.weight`, part(i)],
      ]),
    )
    const kohya = { [`${joined}.lora_down.weight`]: down, [`${joined}.lora_up.weight`]: up }
    const [plain, fused] = [await draw(model, null), await draw(model, kohya)]
    expect(fused.equals(plain)).toBe(false)
    expect((await draw(model, apart)).equals(fused)).toBe(true)
    expect((await draw(model, kohya, 0)).equals(plain)).toBe(true)
  },
)
