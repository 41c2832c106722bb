/** Runs one case from its prompt text to its picture and compares what every stage gives: ids, embeddings, noise, latents, picture. */
import type { Components } from '#pipeline/components'
import { usesNegativePrompt } from '#pipeline/guide-model'
import type { ModelFiles } from '#pipeline/model-files'
import { makeImages, type PipelineEvent, type PipelineResult } from '#pipeline/pipeline'
import { sliceRows, type FloatTensor } from '#pipeline/tensor'
import type { TextConditions } from '#pipeline/text/clip-conditioner'
import { createClipTokenizer } from '#pipeline/text/clip-tokenizer'
import { plainPrompt } from '#contract/prompt'
import { toWindows } from '#pipeline/text/windows'
import type { Comparison } from '../comparison.ts'
import { controlsOf, noiseOf, schedulerOf, sizeOf, startOf, textRequestOf } from './case-request.ts'
import type { CaseFiles } from './pipeline-case.ts'

export interface CaseTolerances {
  embeddings: number
  /** Of the largest value of a step. */
  latents: number
  /** Of 1. */
  image: number
}

export const FLOAT32: CaseTolerances = { embeddings: 1e-4, latents: 2e-3, image: 2 / 255 }

export interface OpenModel {
  files: ModelFiles
  components: Components
}

/** `finalLatents` is compared instead of the case's own arrays: layouts have targets of their own. */
export async function replayCase(
  { files, components }: OpenModel,
  caseFiles: CaseFiles,
  comparison: Comparison,
  tolerances: CaseTolerances,
  finalLatents?: FloatTensor,
): Promise<void> {
  const { settings, array } = caseFiles
  const { call } = settings
  const size = await sizeOf(caseFiles, components)
  const isChunked = settings.chunk_token_ids !== undefined
  compareTokens(files, caseFiles, comparison)

  const guided = usesNegativePrompt(components, { guidance: call.guidance_scale })
  const conditions = await components.conditioner.encode(textRequestOf(settings, size, guided, !isChunked))
  if (finalLatents === undefined) compareEmbeddings(conditions, caseFiles, comparison, tolerances)

  const run = makeImages(components, {
    scheduler: schedulerOf(caseFiles, files),
    settings: {
      steps: call.num_inference_steps,
      guidance: call.guidance_scale,
      guidanceRescale: call.guidance_rescale ?? 0,
      ...(call.original_inference_steps === undefined ? {} : { originalSteps: call.original_inference_steps }),
    },
    conditions,
    size,
    batch: call.num_images_per_prompt ?? 1,
    noise: noiseOf(settings.seed),
    from: await startOf(caseFiles, size, files),
    ...(call.denoising_end === undefined ? {} : { until: call.denoising_end }),
    control: await controlsOf(caseFiles, size, components),
    signal: new AbortController().signal,
  })
  const { events, result } = await collect(run)
  const steps = events.filter(event => event.type === 'step')
  comparison.exact(
    'timesteps',
    settings.timesteps_run,
    steps.map(step => Math.fround(step.timestep)).map(roundTo(settings.timesteps_run)),
  )
  if (finalLatents !== undefined) {
    comparison.close('final latents', finalLatents.data, result.latents.data, { absolute: tolerances.latents })
    return
  }
  compareSteps(
    steps.map(step => step.latents),
    caseFiles,
    comparison,
    tolerances,
  )
  const image = array('image')
  if (image !== null)
    comparison.close('picture', image.data, toChannelsLast(result.image), { absolute: tolerances.image })
  else if (call.denoising_end === undefined) comparison.fail('picture', 'a recorded one', 'none') // that one ends with latents
}

/** Recorded timesteps went through JSON with all their digits; ours are compared as float32. */
function roundTo(expected: number[]): (value: number, i: number) => number {
  return (value, i) => (Math.fround(expected[i]) === value ? expected[i] : value)
}

function compareTokens(files: ModelFiles, { settings }: CaseFiles, comparison: Comparison): void {
  for (const [name, { prompt_ids, negative_ids }] of Object.entries(settings.tokens)) {
    const { call } = settings
    const tokenizer = createClipTokenizer(files.tokenizers[name])
    const ids = (text: string) => toWindows(tokenizer, plainPrompt(text), prompt_ids.length, 1).windows[0].ids
    const isSecond = name === 'tokenizer_2'
    comparison.exact(`${name} ids`, prompt_ids, ids((isSecond ? call.prompt_2 : undefined) ?? call.prompt))
    const negative = (isSecond ? call.negative_prompt_2 : undefined) ?? call.negative_prompt
    if (negative_ids && negative !== undefined) comparison.exact(`${name} negative ids`, negative_ids, ids(negative))
  }
}

function compareEmbeddings(
  conditions: TextConditions,
  { array }: CaseFiles,
  comparison: Comparison,
  { embeddings }: CaseTolerances,
): void {
  const { positive, negative } = conditions
  const compare = (where: string, name: string, actual: FloatTensor | undefined) => {
    const expected = array(name)
    if (expected === null) return
    if (actual === undefined) return name.startsWith('negative') ? undefined : comparison.fail(where, 'some', 'none')
    comparison.close(where, sliceRows(expected, 0, 1).data, actual.data, { absolute: embeddings })
  }
  compare('embeddings', 'prompt_embeds', positive['encoder_hidden_states'])
  compare('pooled vector', 'pooled_prompt_embeds', positive['text_embeds'])
  compare('negative embeddings', 'negative_prompt_embeds', negative?.['encoder_hidden_states'])
  compare('negative pooled vector', 'negative_pooled_prompt_embeds', negative?.['text_embeds'])
}

function compareSteps(
  actual: Float32Array[],
  { array }: CaseFiles,
  comparison: Comparison,
  { latents }: CaseTolerances,
): void {
  const expected = array('latents_steps')
  if (expected === null) return comparison.fail('latents', 'recorded ones', 'none')
  comparison.exact('number of steps', expected.dims[0], actual.length)
  for (let i = 0; i < expected.dims[0]; i++) {
    const step = sliceRows(expected, i, i + 1).data
    const largest = step.reduce((max, value) => Math.max(max, Math.abs(value)), 0)
    comparison.close(`latents of step ${i + 1}`, step, actual[i] ?? [], { absolute: latents * largest })
  }
}

export async function collect(run: AsyncGenerator<PipelineEvent, PipelineResult, void>) {
  const events: PipelineEvent[] = []
  for (;;) {
    const next = await run.next()
    if (next.done === true) return { events, result: next.value }
    events.push(next.value)
  }
}

/** [rows, 3, h, w] in -1..1 -> [rows, h, w, 3] in 0..1 */
export function toChannelsLast({ dims, data }: FloatTensor): Float32Array {
  const [rows, channels, height, width] = dims
  const plane = height * width
  const values = new Float32Array(rows * plane * channels)
  for (let i = 0; i < values.length; i++) {
    const pixel = Math.floor(i / channels)
    const source = (Math.floor(pixel / plane) * channels + (i % channels)) * plane + (pixel % plane)
    values[i] = Math.min(Math.max(data[source] / 2 + 0.5, 0), 1)
  }
  return values
}
