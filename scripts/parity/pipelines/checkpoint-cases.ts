/**
 * Checkpoints in `.safetensors`: `diffusers/` (which may be absent) and the same weights in one file, in two precisions, with goldens of single calls
 * (`probes`), of a whole picture (`txt2img`) and of embeddings. Beside them `hints.json`, which is what makes a folder one.
 */
import { existsSync, linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { plainPrompt } from '#contract/prompt'
import { attachEmbeddings } from '#engine/embeddings/attach-embeddings'
import { listEmbeddings, readEmbeddings } from '#engine/embeddings/find-embeddings'
import { readModelFiles } from '#engine/read-model'
import { getPart, type ModelFiles } from '#pipeline/model-files'
import { createOrtSession } from '#pipeline/ort-session'
import { makeImages } from '#pipeline/pipeline'
import { createSchedulerOfClass } from '#pipeline/schedulers/index'
import type { FloatTensor } from '#pipeline/tensor'
import { toFloat32, toTensor } from '#pipeline/tensor-cast'
import { failingCase, type CaseResult, type Comparison } from '../comparison.ts'
import type { FileResult } from '../folder.ts'
import { noiseOf } from './case-request.ts'
import { collect, FLOAT32, toChannelsLast, type OpenModel } from './replay-case.ts'
import { readSafetensors } from './safetensors.ts'
import { compared, withModel } from './with-model.ts'

const ABSOLUTE = 1e-4

export async function runCheckpoint(folder: string): Promise<FileResult[]> {
  const name = path.basename(folder)
  const diffusers = path.join(folder, 'diffusers')
  const results: FileResult[] = []
  const add = (what: string, cases: CaseResult[]) => results.push({ file: `${name}/${what}`, results: cases })
  if (existsSync(diffusers)) {
    add('diffusers', [
      ...(await withModel(diffusers, model => runProbes(model, folder, 'probes'))),
      ...(await withModel(diffusers, async model => [await runPicture(model, folder, 'txt2img')])),
      ...(await runEmbeddings(diffusers, folder)),
    ])
  }
  for (const file of readdirSync(folder).filter(entry => entry.endsWith('.safetensors'))) {
    const probes = file.includes('fp16') ? 'probes_fp16_weights' : 'probes'
    add(
      file,
      await withSingleFile(folder, file, single => withModel(single, model => runProbes(model, folder, probes))),
    )
  }
  if (existsSync(path.join(folder, 'golden', 'lora.json'))) {
    add('lora', [await failingCase('the LoRAs', 'LoRAs cannot be merged yet').run()])
  }
  return results
}

/** A folder as a user would have it: the file, what is said about it, and tokenizers. */
async function withSingleFile(folder: string, file: string, run: (single: string) => Promise<CaseResult[]>) {
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

interface Probes {
  prompts: string[]
}

/** Every part once, on fixed inputs. */
async function runProbes({ files, components }: OpenModel, folder: string, golden: string): Promise<CaseResult[]> {
  const inputs = readSafetensors(path.join(folder, 'golden', 'probes.safetensors'))
  const expected = readSafetensors(path.join(folder, 'golden', `${golden}.safetensors`))
  const { prompts } = readJson(path.join(folder, 'golden', 'probes.json')) as Probes
  const part = (name: string, output: string, wanted: string) =>
    compared(`${golden} ${name}`, async comparison => {
      const outputs = await runPart(files, name, inputs)
      comparison.close(output, expected(wanted).data, outputs[output] ?? [], { absolute: ABSOLUTE })
    })
  const text = compared(`${golden} text`, async comparison => {
    for (const [i, prompt] of prompts.entries()) {
      const size = { height: 64, width: 64 }
      const request = { prompt: plainPrompt(prompt), negativePrompt: null, guided: false, size, truncate: true }
      const { positive } = await components.conditioner.encode(request)
      compareRow(comparison, `states ${i + 1}`, expected('text_prompt_embeds'), i, positive['encoder_hidden_states'])
      const pooled = positive['text_embeds']
      if (pooled !== undefined)
        compareRow(comparison, `pooled ${i + 1}`, expected('text_pooled_prompt_embeds'), i, pooled)
    }
  })
  return [
    await part('unet', 'out_sample', 'unet_out'),
    await part('vae_encoder', 'latent_parameters', 'vae_encoder_moments'),
    await part('vae_decoder', 'sample', 'vae_decoder_out'),
    await text,
  ]
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

async function runPart(files: ModelFiles, name: string, inputs: (name: string) => FloatTensor) {
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

function compareRow(comparison: Comparison, where: string, all: FloatTensor, row: number, actual: FloatTensor) {
  const size = all.data.length / all.dims[0]
  comparison.close(where, all.data.subarray(row * size, (row + 1) * size), actual.data, { absolute: ABSOLUTE })
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

function runPicture({ files, components }: OpenModel, folder: string, id: string): Promise<CaseResult> {
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

interface EmbeddingCase {
  file: string
  token: string
  prompt: string
}

async function runEmbeddings(model: string, folder: string): Promise<CaseResult[]> {
  const file = path.join(folder, 'golden', 'textual_inversion.json')
  if (!existsSync(file)) return []
  const golden = readSafetensors(file.replace('.json', '.safetensors'))
  const { cases } = readJson(file) as { cases: Record<string, EmbeddingCase> }
  const results: CaseResult[] = []
  for (const [id, { file: name, token, prompt }] of Object.entries(cases)) {
    const listed = (await listEmbeddings(model, null)).filter(found => path.basename(found.path) === name)
    const found = (await readEmbeddings(listed)).map(each => ({ ...each, spellings: [...each.spellings, token] }))
    const files = await attachEmbeddings(await readModelFiles(model), found)
    const run = ({ components }: OpenModel) =>
      compared(`embedding ${id}`, async comparison => {
        if (files.misfits.length > 0) comparison.fail('the file', 'an embedding that fits', files.misfits[0].reason)
        const size = { height: 64, width: 64 }
        const request = { prompt: plainPrompt(prompt), negativePrompt: null, guided: false, size, truncate: true }
        const { positive } = await components.conditioner.encode(request)
        compareRow(comparison, 'states', golden(`${id}.prompt_embeds`), 0, positive['encoder_hidden_states'])
        const pooled = positive['text_embeds']
        if (pooled !== undefined) compareRow(comparison, 'pooled', golden(`${id}.pooled_prompt_embeds`), 0, pooled)
      })
    results.push(
      ...(await withModel(
        model,
        async opened => [await run(opened)],
        () => files,
      )),
    )
  }
  return results
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'))
}
