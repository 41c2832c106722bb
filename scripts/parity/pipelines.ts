/** Cases of whole pipelines: a model folder with `golden/index.json`, every case run from its prompt text to its picture. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { readModelFiles } from '#engine/read-model'
import type { ModelFiles } from '#pipeline/model-files'
import { failingCase, type CaseResult } from './comparison.ts'
import type { FileResult } from './folder.ts'
import { caseIds } from './pipelines/case-ids.ts'
import { readCaseFiles, type CaseFiles } from './pipelines/pipeline-case.ts'
import { FLOAT32, replayCase } from './pipelines/replay-case.ts'
import { withEncoder } from './pipelines/with-encoder.ts'
import { compared, withModel } from './pipelines/with-model.ts'

export async function runPipelines(modelFolder: string): Promise<FileResult[]> {
  const golden = path.join(modelFolder, 'golden')
  const results: CaseResult[] = []
  const cases: Case[] = []
  for (const id of caseIds(golden)) {
    try {
      cases.push({ id, files: readCaseFiles(golden, id) })
    } catch (error) {
      results.push(await failingCase(id, error instanceof Error ? error.message : String(error)).run())
    }
  }
  const encoder = hiddenStatesEncoder(modelFolder)
  const skips = ({ files }: Case) => encoder !== null && files.settings.call.clip_skip !== undefined
  const plain = cases.filter(one => !skips(one))
  if (plain.length > 0) results.push(...(await runCases(modelFolder, plain)))
  if (encoder !== null && cases.some(skips)) {
    results.push(
      ...(await runCases(modelFolder, cases.filter(skips), async folder =>
        withEncoder(await readModelFiles(folder), encoder),
      )),
    )
  }
  return [{ file: `${path.basename(modelFolder)}/golden`, results }]
}

interface Case {
  id: string
  files: CaseFiles
}

async function runCases(
  modelFolder: string,
  cases: readonly Case[],
  read?: (folder: string) => Promise<ModelFiles>,
): Promise<CaseResult[]> {
  return withModel(
    modelFolder,
    async model => {
      const done: CaseResult[] = []
      for (const { id, files } of cases) {
        done.push(await compared(id, comparison => replayCase(model, files, comparison, FLOAT32)))
      }
      return done
    },
    read,
  )
}

/** An export of the same weights that gives the states of every layer, among the layouts beside the model. */
function hiddenStatesEncoder(modelFolder: string): string | null {
  const graph = path.join(`${modelFolder}-layouts`, 'hidden-states', 'text_encoder', 'model.onnx')
  return existsSync(graph) ? graph : null
}
