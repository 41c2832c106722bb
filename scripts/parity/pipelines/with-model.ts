/** Opens a model for a few cases and closes it again; what fails on the way is a failed case with its message. */
import { readGraphSignature, readGraphWeight } from '#engine/read-graph'
import { readModelFiles } from '#engine/read-model'
import type { ModelFiles } from '#pipeline/model-files'
import { openComponents } from '#pipeline/components'
import { NO_RELIEF, WITHOUT_LIMIT } from '#pipeline/memory/memory-budget'
import { createOrtSession } from '#pipeline/ort-session'
import { Comparison, type CaseResult } from '../comparison.ts'
import type { OpenModel } from './replay-case.ts'

/** `read`: what a case takes the model's files for. */
export async function withModel(
  folder: string,
  run: (model: OpenModel) => Promise<CaseResult[]>,
  read: (folder: string) => Promise<ModelFiles> = readModelFiles,
): Promise<CaseResult[]> {
  try {
    const files = await read(folder)
    const components = await openComponents(files, {
      createSession: createOrtSession,
      readWeight: readGraphWeight,
      readSignature: readGraphSignature,
      threads: 1,
      providers: ['cpu'],
      budget: WITHOUT_LIMIT,
      relief: NO_RELIEF,
    })
    try {
      return await run({ files, components })
    } finally {
      await components.release()
    }
  } catch (error) {
    return [await compared('the model', () => Promise.reject(toError(error)))]
  }
}

/** What the body throws is a failure with its message. */
export async function compared(id: string, body: (comparison: Comparison) => Promise<void>): Promise<CaseResult> {
  const comparison = new Comparison(id)
  try {
    await body(comparison)
    if (comparison.count === 0) comparison.fail('the case', 'something to compare', 'nothing')
  } catch (error) {
    comparison.fail('the run', 'a result', error instanceof Error ? error.message : String(error))
  }
  return comparison.result
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
