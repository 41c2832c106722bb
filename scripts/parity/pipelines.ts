/** Cases of whole pipelines: a model folder with `golden/index.json`. Not run yet, and therefore failed. */
import { failingCase } from './comparison.ts'
import type { FileResult } from './folder.ts'

export async function runPipelines(_modelFolder: string): Promise<FileResult[]> {
  const result = await failingCase('the model', 'pipeline cases cannot be run yet').run()
  return [{ file: 'golden/index.json', results: [result] }]
}
