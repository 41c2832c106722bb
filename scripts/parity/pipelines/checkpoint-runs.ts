/** What cases of checkpoints have in common: the folders that they run on, single calls of a network, whole pictures. */
import { existsSync, linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { plainPrompt } from '#contract/prompt'
import { getPart, type ModelFiles } from '#pipeline/model-files'
import { createOrtSession } from '#pipeline/ort-session'
import { makeImages } from '#pipeline/pipeline'
import { createSchedulerOfClass } from '#pipeline/schedulers/index'
import type { FloatTensor } from '#pipeline/tensor'
import { toFloat32, toTensor } from '#pipeline/tensor-cast'
import type { CaseResult, Comparison } from '../comparison.ts'
import { noiseOf } from './case-request.ts'
import { collect, FLOAT32, toChannelsLast, type OpenModel } from './replay-case.ts'
import { readSafetensors } from './safetensors.ts'
import { compared } from './with-model.ts'

export const ABSOLUTE = 1e-4

/** A folder as a user would have it: the file, what is said about it, and tokenizers. */
export async function withSingleFile(folder: string, file: string, run: (single: string) => Promise<CaseResult[]>) {
  const single = mkdtempSync(path.join(tmpdir(), 'easel-parity-'))
  try {
    for (const entry of [file, 'hints.json']) place(path.join(folder, entry), path.join(single, entry))
    const beside = existsSync(path.join(folder, 'diffusers')) ? path.join(folder, 'diffusers') : folder
    for (const entry of readdirSync(beside).filter(each => each.startsWith('tokenizer'))) {
      symlinkSync(path.join(beside, entry), path.join(single, entry), 'junction')
    }
    return await run(single)
  } finally {
    rmSync(single, { recursive: true, force: true })
  }
}

function place(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch {
    symlinkSync(from, to) // another disk
  }
}

/** Where the inputs of the graphs stand in the probes. */
const INPUTS: Readonly<Record<string, string>> = {
  sample: 'probe_sample',
  latent_sample: 'probe_latents',
  timestep: 'probe_timestep',
  encoder_hidden_states: 'probe_encoder_hidden_states',
  text_embeds: 'probe_text_embeds',
  time_ids: 'probe_time_ids',
}

export async function runPart(files: ModelFiles, name: string, inputs: (name: string) => FloatTensor) {
  const { graph, weightBytes, write } = getPart(files, name)
  const session = await createOrtSession(graph, { threads: 1, weightBytes, write })
  try {
    const feeds = session.inputs.map(({ name: input, dtype, shape }) => {
      const { dims, data } = inputs(name === 'vae_encoder' ? 'probe_image' : (INPUTS[input] ?? input))
      return [input, toTensor(data, shape.length === 0 ? [] : dims, dtype)] as const
    })
    const outputs = await session.run(Object.fromEntries(feeds))
    return Object.fromEntries(Object.entries(outputs).map(([output, tensor]) => [output, toFloat32(tensor)]))
  } finally {
    await session.release()
  }
}

export function compareRow(
  comparison: Comparison,
  where: string,
  all: FloatTensor,
  row: number,
  actual: FloatTensor,
  absolute = ABSOLUTE,
) {
  const size = all.data.length / all.dims[0]
  comparison.close(where, all.data.subarray(row * size, (row + 1) * size), actual.data, { absolute })
}

interface Picture {
  prompt: string
  negative_prompt: string
  seed: number
  steps: number
  guidance_scale: number
  height: number
  width: number
  scheduler: string
}

export function runPicture({ files, components }: OpenModel, folder: string, id: string): Promise<CaseResult> {
  return compared(id, async comparison => {
    const golden = readSafetensors(path.join(folder, 'golden', `${id}.safetensors`))
    const settings = readJson(path.join(folder, 'golden', `${id}.json`)) as Picture
    const size = { height: settings.height, width: settings.width }
    const conditions = await components.conditioner.encode({
      prompt: plainPrompt(settings.prompt),
      negativePrompt: plainPrompt(settings.negative_prompt),
      guided: true,
      size,
      truncate: true,
    })
    const run = makeImages(components, {
      scheduler: createSchedulerOfClass(settings.scheduler, files.schedulerConfig ?? {}),
      settings: { steps: settings.steps, guidance: settings.guidance_scale, guidanceRescale: 0 },
      conditions,
      size,
      batch: 1,
      noise: noiseOf(settings.seed),
      from: { kind: 'noise' },
      signal: new AbortController().signal,
    })
    const { events, result } = await collect(run)
    const latents = golden('latents')
    const steps = events.flatMap(event => (event.type === 'step' ? [event.latents] : []))
    comparison.exact('number of steps', latents.dims[0], steps.length)
    const count = latents.data.length / latents.dims[0]
    for (const [i, step] of steps.entries()) {
      const wanted = latents.data.subarray(i * count, (i + 1) * count)
      const largest = wanted.reduce((max, value) => Math.max(max, Math.abs(value)), 0)
      comparison.close(`latents of step ${i + 1}`, wanted, step, { absolute: FLOAT32.latents * largest })
    }
    comparison.close('picture', golden('image').data, toChannelsLast(result.image), { absolute: FLOAT32.image })
  })
}

export function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'))
}
