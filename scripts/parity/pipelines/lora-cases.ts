/**
 * LoRAs on checkpoints: each file of `lora/` and several at once, against what diffusers gives with them merged; whole
 * pictures `txt2img_kohya_r4_at_<weight>` too. Every case runs on the folder and on the single files that are there.
 */
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { plainPrompt } from '#contract/prompt'
import { readModelFiles } from '#engine/read-model'
import type { LoraUse } from '#graph/lora/apply-loras'
import type { FloatTensor } from '#pipeline/tensor'
import type { CaseResult, Comparison } from '../comparison.ts'
import { ABSOLUTE, compareRow, readJson, runPart, runPicture, withSingleFile } from './checkpoint-runs.ts'
import type { OpenModel } from './replay-case.ts'
import { readSafetensors } from './safetensors.ts'
import { compared, withModel } from './with-model.ts'

interface LoraGolden {
  loras: Record<string, { file: string }>
  combo: [string, number][]
  prompt: string
  tensors: Record<string, unknown>
}

interface LoraCase {
  id: string
  loras: LoraUse[]
}

/** Goldens of float32 weights, and of those rounded to float16. */
const GOLDENS = ['lora', 'lora_fp16_weights'] as const

export async function runLoras(folder: string): Promise<CaseResult[]> {
  const diffusers = path.join(folder, 'diffusers')
  const results: CaseResult[] = []
  for (const id of GOLDENS) {
    const file = path.join(folder, 'golden', `${id}.json`)
    if (!existsSync(file)) continue
    const golden = readJson(file) as LoraGolden
    const run = (model: string, prefix: string) => runAll(model, { folder, id, golden, prefix })
    if (id === 'lora' && existsSync(diffusers)) {
      results.push(...(await run(diffusers, '')), ...(await runPictures(diffusers, folder)))
    }
    const isHalf = (name: string): boolean => name.includes('fp16')
    for (const single of readdirSync(folder).filter(name => name.endsWith('.safetensors'))) {
      if (isHalf(single) !== isHalf(id)) continue
      results.push(...(await withSingleFile(folder, single, model => run(model, `${single}: `))))
    }
  }
  return results
}

function casesOf(folder: string, golden: LoraGolden): LoraCase[] {
  const use = (name: string, weight: number): LoraUse => {
    const { file } = golden.loras[name] ?? { file: name }
    return { file: path.join(folder, 'golden', file), weight }
  }
  const ids = Object.keys(golden.tensors).map(name => name.slice(0, name.lastIndexOf('.')))
  return [...new Set(ids)].map(id => {
    const [name = '', weight = ''] = id.split('@')
    const loras = id.startsWith('combo') ? golden.combo.map(([each, by]) => use(each, by)) : [use(name, Number(weight))]
    return { id, loras }
  })
}

interface LoraSet {
  folder: string
  id: (typeof GOLDENS)[number]
  golden: LoraGolden
  /** Of the cases' names. */
  prefix: string
}

async function runAll(model: string, { folder, id: file, golden, prefix }: LoraSet): Promise<CaseResult[]> {
  const { prompt, tensors } = golden
  const probes = readSafetensors(path.join(folder, 'golden', 'probes.safetensors'))
  const expected = readSafetensors(path.join(folder, 'golden', `${file}.safetensors`))
  const results: CaseResult[] = []
  for (const { id, loras } of casesOf(folder, golden)) {
    const run = ({ files, components }: OpenModel) =>
      compared(`${prefix}${id}`, async comparison => {
        comparison.exact('notices', [], [...files.notices])
        const outputs = await runPart(files, 'unet', probes)
        const { data } = expected(`${id}.unet_out`)
        comparison.close('unet', data, outputs['out_sample'] ?? [], { absolute: ABSOLUTE })
        if (`${id}.text_prompt_embeds` in tensors)
          await compareText(components, prompt, name => expected(`${id}.${name}`), comparison)
      })
    results.push(
      ...(await withModel(
        model,
        async opened => [await run(opened)],
        each => readModelFiles(each, loras),
      )),
    )
  }
  return results
}

/** Files of the U-Net alone have no goldens of a text encoder. */
async function compareText(
  { conditioner }: OpenModel['components'],
  prompt: string,
  expected: (name: string) => FloatTensor,
  comparison: Comparison,
): Promise<void> {
  const size = { height: 64, width: 64 }
  const request = { prompt: plainPrompt(prompt), negativePrompt: null, guided: false, size, truncate: true }
  const { positive } = await conditioner.encode(request)
  compareRow(comparison, 'states', expected('text_prompt_embeds'), 0, positive['encoder_hidden_states'])
  const pooled = positive['text_embeds']
  if (pooled !== undefined) compareRow(comparison, 'pooled', expected('text_pooled_prompt_embeds'), 0, pooled)
}

/** Whole pictures with the LoRA in all networks. */
async function runPictures(model: string, folder: string): Promise<CaseResult[]> {
  const results: CaseResult[] = []
  for (const file of readdirSync(path.join(folder, 'golden'))) {
    const [, id = '', name = '', weight = ''] = /^(txt2img_(.+)_at_([\d.]+))\.json$/.exec(file) ?? []
    if (id === '') continue
    const found = readdirSync(path.join(folder, 'lora')).find(entry => entry.startsWith(name))
    const loras = [{ file: path.join(folder, 'lora', found ?? name), weight: Number(weight) }]
    results.push(
      ...(await withModel(
        model,
        async opened => [await runPicture(opened, folder, id)],
        each => readModelFiles(each, loras),
      )),
    )
  }
  return results
}
