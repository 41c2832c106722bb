/** The verdict on the folder at a path: reads, then detects. */
import { stat } from 'node:fs/promises'
import { AppError } from '#contract/errors'
import type { ModelVerdict } from '#contract/model-verdict'
import { readModelFacts } from '../model-facts.ts'
import { detectModel } from './detect-model.ts'
import { readContents } from './read-contents.ts'

/** `folder` is absolute, or the `.safetensors` file of a model without one. Throws `not-found` where there is no such folder; everything else is in the verdict. */
export async function inspectModel(folder: string): Promise<ModelVerdict> {
  const facts = await stat(folder).catch(() => null)
  const isBare = facts?.isFile() === true && folder.endsWith('.safetensors')
  if (facts?.isDirectory() !== true && !isBare)
    throw new AppError('not-found', `There is no folder ${folder}.`, { details: { folder } })
  return detectModel(await readContents(folder, await readModelFacts(folder)))
}
