/** Cases of whole pipelines: a model folder with `golden/index.json`, every case run from its prompt text to its picture. */
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { readModelFiles } from '#engine/read-model'
import { openComponents } from '#pipeline/components'
import { createOrtSession } from '#pipeline/ort-session'
import { Comparison, type CaseResult } from './comparison.ts'
import type { FileResult } from './folder.ts'
import { readCaseFiles } from './pipelines/pipeline-case.ts'
import { FLOAT32, replayCase } from './pipelines/replay-case.ts'

export async function runPipelines(modelFolder: string): Promise<FileResult[]> {
  const golden = path.join(modelFolder, 'golden')
  const ids = (await readdir(golden))
    .filter(file => file.endsWith('.json') && file !== 'index.json')
    .map(file => file.slice(0, -'.json'.length))
    .sort()
  const results: CaseResult[] = []
  try {
    const files = await readModelFiles(modelFolder)
    const components = await openComponents(files, { createSession: createOrtSession, threads: 1 })
    try {
      for (const id of ids) {
        results.push(
          await compared(id, comparison =>
            replayCase({ files, components }, readCaseFiles(golden, id), comparison, FLOAT32),
          ),
        )
      }
    } finally {
      await components.release()
    }
  } catch (error) {
    results.push(await compared('the model', () => Promise.reject(error)))
  }
  return [{ file: `${path.basename(modelFolder)}/golden`, results }]
}

/** What the body throws is a failure with its message. */
async function compared(id: string, body: (comparison: Comparison) => Promise<void>): Promise<CaseResult> {
  const comparison = new Comparison(id)
  try {
    await body(comparison)
    if (comparison.count === 0) comparison.fail('the case', 'something to compare', 'nothing')
  } catch (error) {
    comparison.fail('the run', 'a result', error instanceof Error ? error.message : String(error))
  }
  return comparison.result
}
