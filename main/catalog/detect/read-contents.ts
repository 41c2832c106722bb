/** Reads of a model's folder what detection needs, and never more of a graph than its header. What cannot be understood becomes a fact. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toErrorPayload, type ErrorPayload } from '#contract/errors'
import type { ModelFacts } from '../model-facts.ts'
import { withFileSource } from '../onnx/byte-source.ts'
import type { OnnxHeader } from '../onnx/onnx-types.ts'
import { readOnnxHeader } from '../onnx/read-header.ts'
import { graphFileOf, partNamesOf, type FolderContents } from './folder-contents.ts'

/** `facts` are of the same `folder` (absolute). */
export async function readContents(folder: string, facts: ModelFacts): Promise<FolderContents> {
  const { files } = facts
  const damaged: ErrorPayload[] = [...facts.unreadable]
  const graphs = new Map<string, OnnxHeader>()
  const highestIds = new Map<string, number>()
  for (const part of partNamesOf(files)) {
    const file = graphFileOf(files, part)
    if (file !== null) {
      await attempt(file, damaged, async () => {
        graphs.set(file, await withFileSource(join(folder, file), file, readOnnxHeader))
      })
    }
    const vocabulary = `${part}/vocab.json`
    if (files.has(vocabulary)) {
      await attempt(vocabulary, damaged, async () => {
        highestIds.set(part, highestId(JSON.parse(await readFile(join(folder, vocabulary), 'utf8'))))
      })
    }
  }
  return { files, json: facts.configs, graphs, highestIds, damaged }
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
