/**
 * Checkpoints in `.safetensors`: `diffusers/` (which may be absent) and the same weights in one file, in two precisions, with goldens of single calls
 * (`probes`), of a whole picture (`txt2img`) and of embeddings. Beside them `hints.json`, which is what makes a folder one.
 */
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { plainPrompt } from '#contract/prompt'
import { attachEmbeddings } from '#engine/embeddings/attach-embeddings'
import { listEmbeddings, readEmbeddings } from '#engine/embeddings/find-embeddings'
import { readModelFiles } from '#engine/read-model'
import { failingCase, type CaseResult } from '../comparison.ts'
import type { FileResult } from '../folder.ts'
import { ABSOLUTE, compareRow, readJson, runPart, runPicture, withSingleFile } from './checkpoint-runs.ts'
import { runLoras } from './lora-cases.ts'
import type { OpenModel } from './replay-case.ts'
import { readSafetensors } from './safetensors.ts'
import { compared, withModel } from './with-model.ts'

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
  const loras = await runLoras(folder)
  if (loras.length > 0) add('lora', loras)
  const left = goldensLeft(folder, existsSync(diffusers))
  if (left.length > 0)
    add('golden', await Promise.all(left.map(async id => failingCase(id, 'nothing runs it here').run())))
  return results
}

/** Goldens of kinds that nobody runs, or that ask for `diffusers/` where it is not. */
function goldensLeft(folder: string, hasDiffusers: boolean): string[] {
  const known = /^(probes|lora)(_fp16_weights)?$|^txt2img_.+_at_[\d.]+$|^checks$/
  const ofDiffusers = /^(txt2img|textual_inversion)$/
  return readdirSync(path.join(folder, 'golden'))
    .filter(file => file.endsWith('.json'))
    .map(file => path.basename(file, '.json'))
    .filter(id => !known.test(id) && !(hasDiffusers && ofDiffusers.test(id)))
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
        async () => files,
      )),
    )
  }
  return results
}
