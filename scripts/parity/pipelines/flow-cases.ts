/**
 * Cases of SD 3 and FLUX: a folder of goldens whose `index.json` names its model; a case is a json and a safetensors file
 * (8 bytes length, JSON header, data). Cases with several prompts are run prompt by prompt, as their rows do not meet.
 */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { readModelFiles } from '#engine/read-model'
import { resizeImage } from '#imaging/resample'
import { decodePicture } from '#imaging/sharp-codec'
import { usesNegativePrompt } from '#pipeline/guide-model'
import { makeImages } from '#pipeline/pipeline'
import type { ModelFiles } from '#pipeline/model-files'
import { fromRgbImage } from '#pipeline/pixels'
import { createSchedulerOfClass } from '#pipeline/schedulers/index'
import type { StartingPoint } from '#pipeline/starts/prepare-start'
import { concatRows, type FloatTensor } from '#pipeline/tensor'
import { plainPrompt, type Prompt } from '#contract/prompt'
import { failingCase, type CaseResult, type Comparison } from '../comparison.ts'
import type { FileResult } from '../folder.ts'
import { caseIds } from './case-ids.ts'
import { noiseOf } from './case-request.ts'
import { collect, FLOAT32, toChannelsLast, type OpenModel } from './replay-case.ts'
import { readSafetensors } from './safetensors.ts'
import { FLOW_TOKENIZERS, runFlowTokenizers } from './tokenizer-cases.ts'
import { compared, withModel } from './with-model.ts'

interface FlowCase {
  prompt: string | string[]
  prompt_2?: string | string[]
  prompt_3?: string | string[]
  negative_prompt?: string
  negative_prompt_2?: string
  negative_prompt_3?: string
  width: number
  height: number
  steps: number
  guidance_scale: number
  true_cfg_scale?: number
  max_sequence_length: number
  clip_skip?: number
  num_images_per_prompt?: number
  seed: number | number[]
  strength?: number
  init_image?: string
  without?: string[]
  scheduler_config?: Record<string, unknown>
}

export async function runFlowGoldens(folder: string): Promise<FileResult[]> {
  const { model } = readJson(path.join(folder, 'index.json')) as { model: string }
  const results: CaseResult[] = []
  for (const id of caseIds(folder).filter(each => each !== FLOW_TOKENIZERS)) {
    const file = path.join(folder, `${id}.json`)
    if (!existsSync(file)) {
      results.push(await failingCase(id, `${path.basename(file)} is not there`).run())
      continue
    }
    const settings = readJson(file) as FlowCase
    const run = (opened: OpenModel) => compared(id, comparison => replay(opened, settings, folder, id, comparison))
    results.push(
      ...(await withModel(
        path.join(folder, model),
        async opened => [await run(opened)],
        async model => pretend(await readModelFiles(model), settings),
      )),
    )
  }
  results.push(...(await runFlowTokenizers(folder, path.join(folder, model))))
  return [{ file: path.basename(folder), results }]
}

/** A case may leave folders out and bring a scheduler's config of its own. */
function pretend(files: ModelFiles, { without = [], scheduler_config }: FlowCase): ModelFiles {
  const omit = <T>(record: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(record).filter(([name]) => !without.includes(name)))
  return {
    ...files,
    parts: omit(files.parts),
    tokenizers: omit(files.tokenizers),
    schedulerConfig: scheduler_config ?? files.schedulerConfig,
  }
}

async function replay(
  model: OpenModel,
  settings: FlowCase,
  folder: string,
  id: string,
  comparison: Comparison,
): Promise<void> {
  const golden = readSafetensors(path.join(folder, `${id}.safetensors`))
  const prompts = [settings.prompt].flat()
  const latents: FloatTensor[][] = []
  const images: FloatTensor[] = []
  for (const i of prompts.keys()) {
    const { steps, result, embeddings } = await runPrompt(model, settings, folder, i)
    latents.push(steps)
    images.push(result.image)
    comparison.close(
      `embeddings of prompt ${i + 1}`,
      rowOf(golden('prompt_embeds'), i, prompts.length),
      embeddings.data,
      { absolute: FLOAT32.embeddings },
    )
  }
  const expected = golden('latents')
  const size = expected.data.length / expected.dims[0]
  comparison.exact('number of steps', expected.dims[0], latents[0].length)
  for (let step = 0; step < expected.dims[0]; step++) {
    const wanted = expected.data.subarray(step * size, (step + 1) * size)
    const largest = wanted.reduce((max, value) => Math.max(max, Math.abs(value)), 0)
    const actual = concatRows(latents.map(steps => steps[step])).data
    comparison.close(`latents of step ${step + 1}`, wanted, actual, { absolute: FLOAT32.latents * largest })
  }
  comparison.close('picture', golden('image').data, toChannelsLast(concatRows(images)), { absolute: FLOAT32.image })
}

async function runPrompt({ files, components }: OpenModel, settings: FlowCase, folder: string, i: number) {
  const multiple = components.sizeMultiple
  const size = {
    height: settings.height - (settings.height % multiple),
    width: settings.width - (settings.width % multiple),
  }
  const scales = {
    guidance: settings.guidance_scale,
    ...(settings.true_cfg_scale === undefined ? {} : { trueGuidance: settings.true_cfg_scale }),
  }
  const nth = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[i] : value)
  const prompt = nth(settings.prompt) ?? ''
  const pair = (text: string | string[] | undefined, negative: string | undefined) => ({
    prompt: plainPrompt(nth(text) ?? prompt),
    negativePrompt: toPrompt(negative ?? settings.negative_prompt),
  })
  const conditions = await components.conditioner.encode({
    prompt: plainPrompt(prompt),
    negativePrompt: toPrompt(settings.negative_prompt),
    guided: usesNegativePrompt(components, scales),
    size,
    truncate: true,
    clipSkip: settings.clip_skip ?? 0,
    second: pair(settings.prompt_2, settings.negative_prompt_2),
    third: pair(settings.prompt_3, settings.negative_prompt_3),
    t5Tokens: settings.max_sequence_length,
  })
  const run = makeImages(components, {
    scheduler: createSchedulerOfClass('FlowMatchEulerDiscreteScheduler', files.schedulerConfig ?? {}),
    settings: { steps: settings.steps, guidanceRescale: 0, ...scales },
    conditions,
    size,
    batch: settings.num_images_per_prompt ?? 1,
    noise: noiseOf(Array.isArray(settings.seed) ? settings.seed[i] : settings.seed),
    from: await startOf(settings, folder, size),
    signal: new AbortController().signal,
  })
  const { events, result } = await collect(run)
  const steps = events.flatMap(event =>
    event.type === 'step' ? [{ dims: result.latents.dims, data: event.latents }] : [],
  )
  return { steps, result, embeddings: conditions.positive['encoder_hidden_states'] }
}

async function startOf(
  settings: FlowCase,
  folder: string,
  size: { height: number; width: number },
): Promise<StartingPoint> {
  if (settings.init_image === undefined) return { kind: 'noise' }
  const picture = await decodePicture(path.join(folder, settings.init_image))
  const rgb = { ...picture, channels: 3, data: picture.data.subarray(0, picture.width * picture.height * 3) }
  const fitted = rgb.width === size.width && rgb.height === size.height ? rgb : resizeImage(rgb, size, 'lanczos')
  return { kind: 'image', pixels: fromRgbImage(fitted), strength: settings.strength ?? 0.6 }
}

function toPrompt(text: string | undefined): Prompt | null {
  return text === undefined ? null : plainPrompt(text)
}

/** Rows of one prompt stand together; the first of them. */
function rowOf({ dims, data }: FloatTensor, prompt: number, prompts: number): Float32Array {
  const row = data.length / dims[0]
  const start = ((prompt * dims[0]) / prompts) * row
  return data.subarray(start, start + row)
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'))
}
