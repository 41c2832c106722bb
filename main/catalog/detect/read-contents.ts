/** Reads of a model's folder what detection needs, and never more of a graph than its header. What cannot be understood becomes a fact. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError, toErrorPayload, type ErrorPayload } from '#contract/errors'
import { showValue } from '#contract/parse'
import type { ModelFacts } from '../model-facts.ts'
import { withFileSource } from '#graph/byte-source'
import { graphAlone } from '#graph/graph-alone'
import type { OnnxHeader } from '#graph/onnx-types'
import { readOnnxHeader } from '#graph/read-header'
import { recogniseOther } from '#graph/recognise-other'
import { graphFileOf, partNamesOf, type FolderContents } from './folder-contents.ts'
import { readCheckpoint, withSchedule } from './read-checkpoint.ts'

const JSON_FILES = ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json']
const OTHER_FILES = ['merges.txt', 'spiece.model']
const HEAD_BYTES = 512

/** `facts` are of the same `folder` (absolute). */
export async function readContents(folder: string, facts: ModelFacts): Promise<FolderContents> {
  const { files } = facts
  const damaged: ErrorPayload[] = [...facts.unreadable]
  const graphs = new Map<string, OnnxHeader>()
  const highestIds = new Map<string, number>()
  const readJson = async (file: string): Promise<unknown> => JSON.parse(await readFile(join(folder, file), 'utf8'))
  async function inspect(file: string, run: () => Promise<void>): Promise<void> {
    if (files.has(file)) await attempt(file, damaged, run)
  }
  const readHeader = (graph: string): Promise<void> =>
    inspect(graph, async () => {
      graphs.set(graph, await withFileSource(join(folder, graph), graph, readOnnxHeader))
    })
  const alone = graphAlone(files.keys())
  if (alone !== null) await readHeader(alone)
  for (const part of partNamesOf(files)) {
    const graph = graphFileOf(files, part)
    if (graph !== null) await readHeader(graph)
    const vocabulary = `${part}/vocab.json`
    await inspect(vocabulary, async () => void highestIds.set(part, highestId(await readJson(vocabulary))))
    for (const name of JSON_FILES)
      await inspect(`${part}/${name}`, async () => void (await readJson(`${part}/${name}`)))
    await inspect(`${part}/merges.txt`, () => checkMerges(folder, `${part}/merges.txt`))
    for (const name of OTHER_FILES) await inspect(`${part}/${name}`, () => checkHead(folder, `${part}/${name}`))
  }
  const isExported = ['unet', 'transformer'].some(part => graphFileOf(files, part) !== null)
  const checkpoint = isExported ? null : await readCheckpoint(folder, facts, damaged)
  const json = checkpoint === null ? facts.configs : withSchedule(facts.configs, checkpoint.schedulerConfig)
  return { files, json, graphs, written: checkpoint?.written ?? new Map(), highestIds, damaged }
}

/** Pairs of pieces of words, as the tokenizer will take them: a `#version` line, then two pieces and one blank a line. */
async function checkMerges(folder: string, file: string): Promise<void> {
  const [first = '', ...rest] = (await readFile(join(folder, file), 'utf8')).split('\n')
  const lines = first.startsWith('#version') ? rest : [first, ...rest]
  const wrong = lines.find(line => line.trim() !== '' && line.split(' ').length !== 2)
  if (wrong === undefined) return
  const message = `${file} has a line that is not two pieces with one blank between them: ${showValue(wrong)}.`
  throw new AppError('model-corrupt', message, { details: { file } })
}

/** A file that is not read here may still be the usual accident of a download. */
async function checkHead(folder: string, file: string): Promise<void> {
  const other = await withFileSource(join(folder, file), file, async source =>
    recogniseOther(source.size, await source.read(0, HEAD_BYTES)),
  )
  if (other !== null) {
    throw new AppError('model-corrupt', `${file} is ${other.what}. ${other.remedy}`, {
      details: { file, actual: other.what },
    })
  }
}

async function attempt(file: string, damaged: ErrorPayload[], run: () => Promise<void>): Promise<void> {
  try {
    await run()
  } catch (thrown) {
    const payload = toErrorPayload(thrown)
    const known = payload.code !== 'internal'
    damaged.push(
      known
        ? payload
        : { code: 'model-corrupt', message: `${file} cannot be understood: ${payload.message}`, details: { file } },
    )
  }
}

function highestId(vocabulary: unknown): number {
  if (typeof vocabulary !== 'object' || vocabulary === null || Array.isArray(vocabulary)) {
    throw new TypeError('it is not a JSON object')
  }
  let highest = -1
  for (const [token, id] of Object.entries(vocabulary)) {
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0)
      throw new TypeError(`the id of "${token}" is no whole number`)
    highest = Math.max(highest, id)
  }
  return highest
}
