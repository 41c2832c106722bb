/**
 * Reads the graph that ComfyUI writes into its pictures (`prompt`, https://docs.comfy.org): nodes by id, whose inputs are values or
 * links [id, output]. From the node that saved the picture the links are followed back to the sampler, and from there to
 * its prompts, its model and its empty picture. Nodes of extensions are followed as far as their inputs have usual names.
 */
import { z } from 'zod'
import { fileStem, lookUp, toForeignSettings, type ForeignSettings } from './foreign-settings.ts'
import type { SchedulerId, SigmaSchedule } from './generation.ts'
import { LORA_DEFAULTS, type Lora } from './loras.ts'
import { parsePythonJson } from './python-json.ts'

export const COMFYUI_KEY = 'prompt'

const SAMPLERS: Readonly<Record<string, SchedulerId>> = {
  euler: 'euler',
  euler_ancestral: 'euler-ancestral',
  heun: 'heun',
  dpm_2: 'kdpm2',
  dpm_2_ancestral: 'kdpm2-ancestral',
  lms: 'lms',
  dpmpp_sde: 'dpmpp-sde',
  dpmpp_sde_gpu: 'dpmpp-sde',
  dpmpp_2m: 'dpmpp-2m',
  dpmpp_2m_sde: 'dpmpp-2m-sde',
  dpmpp_2m_sde_gpu: 'dpmpp-2m-sde',
  ddim: 'ddim',
  ddpm: 'ddpm',
  lcm: 'lcm',
  ipndm: 'ipndm',
  deis: 'deis',
  uni_pc: 'unipc',
  sa_solver: 'sa-solver',
}
/** "normal" is evenly spaced in train steps from the last to the first. */
const SCHEDULES: Readonly<Record<string, SigmaSchedule>> = {
  normal: 'linspace',
  karras: 'karras',
  exponential: 'exponential',
  simple: 'simple',
  sgm_uniform: 'sgm-uniform',
  ddim_uniform: 'leading',
  beta: 'beta',
}

const nodeSchema = z.object({ class_type: z.string(), inputs: z.record(z.string(), z.unknown()) })
const graphSchema = z.record(z.string(), nodeSchema)
type Node = z.infer<typeof nodeSchema>
type Graph = z.infer<typeof graphSchema>

/** null for a text that is none, and for a graph without a sampler. */
export function parseComfyUi(json: string): ForeignSettings | null {
  const graph = graphSchema.safeParse(parseJson(json)).data
  if (graph === undefined) return null
  const samplers = samplersOf(graph)
  const sampler = samplers.at(-1) // the one that was farthest from the saved picture began it
  if (sampler === undefined) return null
  const left = [...(samplers.length > 1 ? ['second pass'] : []), ...extrasOf(graph, sampler)]
  const read = reader(graph, sampler)
  const [positive, negative] = [read.node('positive', 'conditioning'), read.node('negative')]
  const latent = read.node('latent_image')
  const skipped = numberOf(find(graph, read.node('model'), 'CLIPSetLastLayer')?.inputs['stop_at_clip_layer'])
  return toForeignSettings(
    {
      prompt: textOf(graph, positive),
      negativePrompt: textOf(graph, negative),
      seed: read.number('seed', 'noise_seed'),
      steps: read.number('steps'),
      guidance: read.number('cfg') ?? numberOf(find(graph, positive, 'FluxGuidance')?.inputs['guidance']),
      width: numberOf(sizeNode(graph, latent)?.inputs['width']),
      height: numberOf(sizeNode(graph, latent)?.inputs['height']),
      scheduler: lookUp(SAMPLERS, read.word('sampler_name'), 'sampler', left),
      sigmaSchedule: lookUp(SCHEDULES, read.word('scheduler'), 'schedule', left),
      clipSkip: skipped === undefined ? undefined : -skipped - 1, // -1 leaves none out
      noiseSource: 'torch-cpu',
    },
    modelOf(graph, sampler),
    left,
    lorasOf(graph, sampler),
  )
}

/** Nodes with a sampler's inputs, nearest to the saved picture first; all of the graph's where nothing was saved. */
function samplersOf(graph: Graph): Node[] {
  const saving = Object.values(graph).filter(
    ({ inputs, class_type }) => /Save|Preview/.test(class_type) && linkOf(inputs['images']) !== null,
  )
  const starts = saving.length === 0 ? Object.values(graph) : saving
  return walk(graph, starts).filter(({ inputs }) => linkOf(inputs['latent_image']) !== null)
}

/** A sampler in one node, or one whose noise, guider, sampler and sigmas are nodes of their own. */
function reader(graph: Graph, sampler: Node) {
  const parts = ['noise', 'guider', 'sampler', 'sigmas'].flatMap(name => target(graph, sampler.inputs[name]) ?? [])
  const all = [sampler, ...parts]
  const first = <T>(names: readonly string[], look: (value: unknown) => T | undefined): T | undefined => {
    for (const name of names) {
      for (const { inputs } of all) {
        const value = look(inputs[name])
        if (value !== undefined) return value
      }
    }
    return undefined
  }
  return {
    number: (...names: string[]) => first(names, value => numberOf(plainValue(graph, value))),
    word: (...names: string[]) => first(names, value => wordOf(plainValue(graph, value))),
    node: (...names: string[]) => first(names, value => target(graph, value) ?? undefined),
  }
}

/** The words of the nearest node that has any; those of SDXL's two encoders where they differ. */
function textOf(graph: Graph, from: Node | undefined): string {
  for (const { inputs } of from === undefined ? [] : walk(graph, [from])) {
    const texts = ['text', 'text_g', 'text_l', 'clip_l', 't5xxl'].flatMap(
      name => wordOf(plainValue(graph, inputs[name])) ?? [],
    )
    const words = [...new Set(texts.filter(text => text.trim() !== ''))].join('\n')
    if (words !== '') return words.replaceAll(/\bembedding:([\w.-]+?)(\.(pt|safetensors))?(?=[\s,):]|$)/g, '$1')
  }
  return ''
}

function sizeNode(graph: Graph, latent: Node | undefined): Node | undefined {
  const nodes = latent === undefined ? [] : walk(graph, [latent])
  return nodes.find(({ class_type }) => /^Empty.*Latent/.test(class_type))
}

function modelOf(graph: Graph, sampler: Node): string | undefined {
  for (const { inputs } of walk(graph, [sampler])) {
    const name = wordOf(inputs['ckpt_name']) ?? wordOf(inputs['unet_name'])
    if (name !== undefined) return fileStem(name)
  }
  return undefined
}

/** What else decided the picture. */
function extrasOf(graph: Graph, sampler: Node): string[] {
  const extras = walk(graph, [sampler]).flatMap(({ inputs, class_type }) => [
    ...namedAs('ControlNet', inputs['control_net_name']),
    ...(class_type === 'LoadImage' ? ['start picture'] : []),
    ...(/IPAdapter/i.test(class_type) ? ['IP adapter'] : []),
  ])
  const denoise = numberOf(sampler.inputs['denoise']) ?? 1
  return [...new Set([...extras, ...(denoise < 1 ? [`strength ${denoise}`] : [])])]
}

/** Of the model; the text encoder's own strength has no counterpart. */
function lorasOf(graph: Graph, sampler: Node): Lora[] {
  return walk(graph, [sampler]).flatMap(({ inputs }) => {
    const name = wordOf(inputs['lora_name'])
    const weight = numberOf(inputs['strength_model']) ?? LORA_DEFAULTS.weight
    return name === undefined ? [] : [{ name: fileStem(name), weight }]
  })
}

function namedAs(what: string, name: unknown): string[] {
  const word = wordOf(name)
  return word === undefined ? [] : [`${what} ${fileStem(word)}`]
}

function find(graph: Graph, from: Node | undefined, kind: string): Node | undefined {
  return from === undefined ? undefined : walk(graph, [from]).find(({ class_type }) => class_type === kind)
}

/** The nodes and all that they are made from, breadth first, each once. */
function walk(graph: Graph, starts: readonly Node[]): Node[] {
  const seen = new Set(starts)
  for (const { inputs } of seen) {
    for (const value of Object.values(inputs)) {
      const next = target(graph, value)
      if (next !== null) seen.add(next)
    }
  }
  return [...seen]
}

function linkOf(value: unknown): string | null {
  const isLink = Array.isArray(value) && value.length === 2 && typeof value[1] === 'number'
  return isLink && (typeof value[0] === 'string' || typeof value[0] === 'number') ? String(value[0]) : null
}

function target(graph: Graph, value: unknown): Node | null {
  const id = linkOf(value)
  return id !== null && Object.hasOwn(graph, id) ? (graph[id] ?? null) : null
}

/** A value that another node holds: a primitive's, a seed's, a text box's. */
function plainValue(graph: Graph, value: unknown): unknown {
  const node = target(graph, value)
  if (node === null) return value
  return ['value', 'int', 'seed', 'text', 'string', 'Text']
    .map(name => node.inputs[name])
    .find(held => linkOf(held) === null && held !== undefined)
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function wordOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function parseJson(json: string): unknown {
  try {
    return parsePythonJson(json) // an extension's NaN is no reason to give up the rest
  } catch {
    return null
  }
}
