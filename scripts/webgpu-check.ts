/**
 * `node scripts/webgpu-check.ts [--chromium FOLDER] [MODEL...]`: whether WebGPU computes the same numbers as the processor.
 * Every graph of a tiny model of each family runs once on both, with the same inputs; where there is no graphics card,
 * Chromium's software renderer (SwiftShader) stands in, which has no float16 and takes minutes. Exit code 1: one differs.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import type { Provider } from '#contract/providers'
import { readModelFiles } from '#engine/read-model'
import type { ModelPart } from '#pipeline/model-files'
import { createOrtSession } from '#pipeline/ort-session'
import type { TensorInfo } from '#pipeline/session'
import type { FloatTensor, Tensor } from '#pipeline/tensor'
import { toFloat32, toTensor } from '#pipeline/tensor-cast'

const MODELS = path.join(import.meta.dirname, '../test/fixtures/models')
const FAMILIES = [
  'sd15',
  'sd21-v',
  'sdxl',
  'sdxl-refiner',
  'lcm',
  'sd15-inpaint',
  'instruct-pix2pix',
  'x4-upscaler',
  'sd15-controlnet',
]
const ICD = 'vk_swiftshader_icd.json'
const PLACES = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome']
/** Of the largest number of an output. */
const ALLOWED = 1e-3
/** Free axes by their place: rows, then tokens or latents; pictures are eight times the latents. */
const [ROWS, TOKENS, SIDE] = [1, 77, 8]
/** Inputs that are one number for everything; a scale of 0 would leave nothing to compare. */
const SCALARS: Readonly<Record<string, number>> = { timestep: 500, conditioning_scale: 0.8, class_labels: 20 }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { chromium: { type: 'string' }, inside: { type: 'boolean', default: false } },
})
const models = positionals.length === 0 ? FAMILIES : positionals
process.exitCode = values.inside ? await check() : startWithSoftwareRenderer(values.chromium)

/** The loaders of libraries and of Vulkan read their environment when a process starts. */
function startWithSoftwareRenderer(chromium: string | undefined): number {
  const places = chromium === undefined ? PLACES : [chromium]
  const folder = places.find(place => existsSync(path.join(place, ICD)))
  const runtime = mkdtempSync(path.join(tmpdir(), 'easel-webgpu-'))
  const libraries = [folder, process.env['LD_LIBRARY_PATH']].filter(Boolean).join(path.delimiter)
  const software = folder === undefined ? {} : { VK_ICD_FILENAMES: path.join(folder, ICD), LD_LIBRARY_PATH: libraries }
  process.stderr.write(`Vulkan: ${folder === undefined ? "this machine's own" : `SwiftShader of ${folder}`}\n`)
  try {
    const env = { ...process.env, ...software, XDG_RUNTIME_DIR: runtime }
    const { status } = spawnSync(process.execPath, [import.meta.filename, '--inside', ...models], {
      env,
      stdio: 'inherit',
    })
    return status ?? 1
  } finally {
    rmSync(runtime, { recursive: true, force: true })
  }
}

async function check(): Promise<number> {
  let failed = 0
  for (const model of models) {
    const { parts } = await readModelFiles(path.join(MODELS, model))
    const net = parts['controlnet']
    const residuals = net === undefined ? {} : await run(net, 'cpu')
    for (const part of Object.values(parts)) {
      const result = await compare(part, residuals).catch((error: unknown) => String(error).slice(0, 300))
      const isGood = typeof result === 'number' && result <= ALLOWED
      if (!isGood) failed++
      const said = typeof result === 'number' ? `largest difference ${result.toExponential(1)}` : result
      process.stdout.write(`${isGood ? '✓' : '✗'} ${`${model}/${part.name}`.padEnd(36)} ${said}\n`)
    }
  }
  return failed === 0 ? 0 : 1
}

/** The largest difference between the two, as a share of the output's largest number. */
async function compare(part: ModelPart, residuals: Outputs): Promise<number> {
  const [onCpu, onGpu] = [await run(part, 'cpu', residuals), await run(part, 'webgpu', residuals)]
  const shares = Object.entries(onCpu).map(([name, { data: expected }]) => {
    const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0)
    if (largest === 0) throw new Error(`${name} is zero throughout, which proves nothing`)
    const worst = expected.reduce((max, value, i) => Math.max(max, Math.abs(value - (onGpu[name]?.data[i] ?? NaN))), 0)
    return worst / largest
  })
  return Math.max(...shares)
}

type Outputs = Record<string, FloatTensor>

/** `given` are inputs by name, as what a ControlNet hands to its network; the others are filled. */
async function run(
  { graph, weightBytes, write, processorNodes }: ModelPart,
  provider: Provider,
  given: Outputs = {},
): Promise<Outputs> {
  const session = await createOrtSession(graph, { threads: 1, weightBytes, write, processorNodes, provider })
  try {
    const outputs = await session.run(
      Object.fromEntries(session.inputs.map(input => [input.name, feed(input, given[input.name])])),
    )
    return Object.fromEntries(
      Object.entries(outputs).map(([name, tensor]) => [name, { dims: tensor.dims, data: toFloat32(tensor) }]),
    )
  } finally {
    await session.release()
  }
}

function feed(input: TensorInfo, given: FloatTensor | undefined): Tensor {
  return given === undefined ? fill(input) : toTensor(given.data, given.dims, input.dtype)
}

/** Numbers that are the same every time: ids are small, everything else lies between -1 and 1. */
function fill({ name, dtype, shape }: TensorInfo): Tensor {
  const side = name === 'controlnet_cond' || shape[1] === 3 ? SIDE * 8 : SIDE
  const dims = shape.map((size, axis) => {
    if (typeof size === 'number') return size
    if (axis === 0) return ROWS
    return shape.length === 4 ? side : TOKENS
  })
  const count = dims.reduce((product, n) => product * n, 1)
  const isId = name === 'input_ids'
  const values = Float32Array.from({ length: count }, (_, i) => (isId ? (i * 7) % 300 : Math.sin(i * 1.7)))
  const scalar = SCALARS[name]
  return toTensor(scalar === undefined ? values : values.fill(scalar), dims, dtype)
}
