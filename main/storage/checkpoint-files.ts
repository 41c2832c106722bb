/** Where images in work are kept between two attempts: one file a job, written by the engine, removed when the job is over. */
import { readdir, rm } from 'node:fs/promises'
import { join, parse } from 'node:path'
import { makeFolder } from './make-folder.ts'

export interface CheckpointFiles {
  /** Absolute. */
  pathOf(jobId: string): string
  /** Makes the folder. */
  prepare(): Promise<void>
  remove(jobId: string): Promise<void>
  /** Removes what belongs to no unfinished job: of one that ended while nobody looked. */
  sweep(isUnfinished: (jobId: string) => boolean): Promise<void>
}

const SUFFIX = '.json'

/** `folder` is absolute. */
export function createCheckpointFiles(folder: string): CheckpointFiles {
  const pathOf = (jobId: string): string => join(folder, jobId + SUFFIX)
  return {
    pathOf,
    prepare: () => makeFolder(folder),
    remove: jobId => rm(pathOf(jobId), { force: true }),
    async sweep(isUnfinished) {
      const files = await readdir(folder).catch(() => []) // not there before the first job
      for (const file of files) if (!isUnfinished(parse(file).name)) await rm(join(folder, file), { force: true })
    },
  }
}
