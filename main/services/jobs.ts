/** Jobs as the application offers them: a request is checked, completed and queued here. The queue runs it. */
import type { Api } from '#contract/api'
import { LIMITS, resolveRequest, type GenerationInput, type GenerationRequest } from '#contract/generation'
import type { JobSnapshot } from '#contract/jobs'
import { invalidInput, showValue } from '#contract/parse'
import type { ImageFiles } from '#storage/image-files'
import type { JobStore } from '#storage/job-store'
import { checkRequest } from './check-request.ts'
import type { JobQueue } from './job-queue.ts'
import type { ModelsService } from './models.ts'
import { newJobId } from './new-id.ts'
import type { SettingsService } from './settings.ts'
import type { SourcesService } from './sources.ts'

/** How many finished jobs `list` shows; the gallery has the rest. */
const FINISHED_SHOWN = 200

export interface JobsOptions {
  store: JobStore
  queue: JobQueue
  files: ImageFiles
  models: ModelsService
  settings: SettingsService
  sources: SourcesService
  now: () => number
  drawSeed: () => number
}

export function createJobs({
  store,
  queue,
  files,
  models,
  settings,
  sources,
  now,
  drawSeed,
}: JobsOptions): Api['jobs'] {
  let accepting: Promise<unknown> = Promise.resolve()

  async function accept(input: GenerationInput): Promise<JobSnapshot> {
    const { defaultModel, imagesFolder } = settings.current()
    const model = await models.choose(input.model, defaultModel)
    const request = resolveRequest(input, model.summary, drawSeed)
    checkLastSeed(request)
    checkRequest(request, model.summary)
    if (request.edit !== undefined) await sources.checkEdit(request.edit)
    await files.prepare(imagesFolder)
    return queue.submit(newJob(request, now()))
  }

  return {
    submit(input) {
      const accepted = accepting.then(() => accept(input)) // one by one, so that they queue in the order of the calls
      accepting = accepted.catch(() => undefined)
      return accepted
    },
    list: () => Promise.resolve([...queue.listUnfinished(), ...store.listFinished(FINISHED_SHOWN)]),
    get: async ({ id }) => queue.get(id),
    cancel: async ({ id }) => queue.cancel(id),
    skipImage: async ({ id, image }) => queue.skipImage(id, image),
    // From the end, so that no job starts only to be cancelled.
    cancelAll: async () =>
      queue
        .listUnfinished()
        .reverse()
        .map(job => queue.cancel(job.id))
        .reverse(),
  }
}

/** Image i has seed + i, and that must be a seed too. */
function checkLastSeed({ seed, images }: GenerationRequest): void {
  const highest = LIMITS.seed.max - (images - 1)
  if (seed <= highest) return
  const allowed = `a whole number from ${LIMITS.seed.min} to ${highest}, so that each of the ${images} images has a seed`
  throw invalidInput([{ path: 'seed', value: showValue(seed), allowed }])
}

function newJob(request: GenerationRequest, createdAt: number): JobSnapshot {
  return {
    id: newJobId(createdAt),
    revision: createdAt,
    state: 'queued',
    request,
    createdAt,
    startedAt: null,
    finishedAt: null,
    progress: null,
    cancelling: false,
    results: [],
    skipped: [],
    error: null,
    notices: [],
  }
}
