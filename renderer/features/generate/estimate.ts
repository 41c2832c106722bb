/** How long a request will take, from what the same model took at the same size on this machine; null when never measured. */
import type { GenerationRequest } from '#contract/generation'
import type { JobSnapshot } from '#contract/jobs'

type Cost = Pick<GenerationRequest, 'width' | 'height' | 'steps' | 'images' | 'guidance'> & { model: string }

/** Recent ones say most: another load on the machine, another provider. */
const LOOK_BACK = 9

/** Seconds, from the median time of one step of one picture. */
export function estimateSeconds(request: Cost, finished: readonly JobSnapshot[]): number | null {
  const rates = finished
    .filter(job => job.state === 'done' && isAlike(job.request, request))
    .slice(0, LOOK_BACK)
    .flatMap(job =>
      job.startedAt === null || job.finishedAt === null
        ? []
        : [(job.finishedAt - job.startedAt) / 1000 / (job.request.steps * job.request.images)],
    )
    .toSorted((a, b) => a - b)
  const median = rates[Math.floor(rates.length / 2)]
  return median === undefined ? null : median * request.steps * request.images
}

function isAlike(a: Cost, b: Cost): boolean {
  // Guidance above 1 asks the model twice a step.
  return a.model === b.model && a.width === b.width && a.height === b.height && a.guidance > 1 === b.guidance > 1
}
