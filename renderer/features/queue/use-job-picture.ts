/** What a tile shows of its jobs: the preview of the one that runs, else the newest picture that is still there. */
import type { JobSnapshot } from '#contract/jobs'
import { useJobs } from '../../stores/jobs.ts'
import { thumbnailUrl, usePictures } from '../../stores/pictures.ts'

/** null: there is none yet, or none any more. */
export function useJobPicture(): (jobs: readonly JobSnapshot[]) => string | null {
  const [store, pictures] = [useJobs(), usePictures()]
  return jobs => {
    for (const { id } of jobs) {
      const preview = store.previews.get(id)
      if (preview !== undefined) return `data:${preview.mediaType};base64,${preview.base64}`
    }
    const id = jobs.flatMap(({ results }) => results).findLast(result => !pictures.gone.has(result))
    return id === undefined ? null : thumbnailUrl(id)
  }
}
