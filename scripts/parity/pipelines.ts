/** Cases of whole pipelines: a model folder with `golden/index.json`, every case run from its prompt text to its picture. */
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import type { CaseResult } from './comparison.ts'
import type { FileResult } from './folder.ts'
import { readCaseFiles } from './pipelines/pipeline-case.ts'
import { FLOAT32, replayCase } from './pipelines/replay-case.ts'
import { compared, withModel } from './pipelines/with-model.ts'

export async function runPipelines(modelFolder: string): Promise<FileResult[]> {
  const golden = path.join(modelFolder, 'golden')
  const ids = (await readdir(golden))
    .filter(file => file.endsWith('.json') && file !== 'index.json')
    .map(file => file.slice(0, -'.json'.length))
    .sort()
  const results = await withModel(modelFolder, async model => {
    const done: CaseResult[] = []
    for (const id of ids) {
      done.push(await compared(id, comparison => replayCase(model, readCaseFiles(golden, id), comparison, FLOAT32)))
    }
    return done
  })
  return [{ file: `${path.basename(modelFolder)}/golden`, results }]
}
