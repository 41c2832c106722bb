/** Jobs as the application offers them: a request is checked, completed and queued here. The queue runs it. */
import type { Api } from '#contract/api'
import { LIMITS, resolveRequest, type GenerationInput, type GenerationRequest } from '#contract/generation'
import type { Batch, JobCell, JobSnapshot } from '#contract/jobs'
import { invalidInput, showValue } from '#contract/parse'
import type { ImageFiles } from '#storage/image-files'
import type { JobStore } from '#storage/job-store'
import { readWildcardFiles } from '#storage/wildcard-files'
import { checkRequest } from './check-request.ts'
import type { Events } from './events.ts'
import type { Estimates } from './estimates.ts'
import { withEnlargedSize } from './enlarged-size.ts'
import { createTurns } from './in-turn.ts'
import type { JobQueue } from './job-queue.ts'
import type { LorasService } from './loras.ts'
import type { ModelsService } from './models.ts'
import { newJobId } from './new-id.ts'
import { settleTexts } from './prompts.ts'
import type { SettingsService } from './settings.ts'
import type { SourcesService } from './sources.ts'

/** How many finished jobs `list` shows; the gallery has the rest. */
const FINISHED_SHOWN = 200

export interface JobsOptions {
  store: JobStore
  queue: JobQueue
  files: ImageFiles
  models: ModelsService
  loras: Pick<LorasService, 'settle'>
  settings: SettingsService
  sources: SourcesService
  estimates: Pick<Estimates, 'estimate'>
  events: Events
  /** Absolute folder of the lists of words. */
  wildcardsFolder: string
  now: () => number
  drawSeed: () => number
}

export function createJobs({
  store,
  queue,
  files,
  models,
  loras,
  settings,
  sources,
  estimates,
  events,
  wildcardsFolder,
  now,
  drawSeed,
}: JobsOptions): Api['jobs'] {
  /** One by one, so that they queue in the order of the calls. */
  const inTurn = createTurns()

  async function check(input: GenerationInput): Promise<GenerationRequest> {
    const { defaultModel, imagesFolder } = settings.current()
    const model = await models.choose(input.model, defaultModel)
    const sized = await withEnlargedSize(input, model, sources)
    const request = resolveRequest(sized, model.summary, drawSeed)
    checkLastSeed(request)
    checkRequest(request, model, request.refiner === undefined ? [] : await models.all())
    await models.checkVae(request)
    await sources.check(request)
    await files.prepare(imagesFolder)
    return loras.settle(await settleTexts(request, () => readWildcardFiles(wildcardsFolder)), model)
  }

  async function acceptBatch({ cells }: Batch): Promise<JobSnapshot[]> {
    const requests: GenerationRequest[] = []
    for (const { input } of cells) requests.push(await check(input)) // all of them before the first is queued
    const batch = newJobId(now())
    return cells.map(({ input: _, ...place }, i) => queue.submit(newJob(requests[i], { batch, ...place }, now())))
  }

  return {
    submit: input => inTurn(async () => queue.submit(newJob(await check(input), null, now()))),
    submitBatch: batch => inTurn(() => acceptBatch(batch)),
    list: () =>
      Promise.resolve([...queue.listUnfinished(), ...queue.listUnstored(), ...store.listFinished(FINISHED_SHOWN)]),
    get: async ({ id }) => queue.get(id),
    cancel: async ({ id }) => queue.cancel(id),
    estimate: ({ inputs }) => estimates.estimate(inputs),
    skipImage: async ({ id, image }) => queue.skipImage(id, image),
    async clearFinished() {
      const cleared = store.clearFinished()
      events.emit({ type: 'jobs-cleared' })
      return { cleared }
    },
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

function newJob(request: GenerationRequest, cell: JobCell | null, createdAt: number): JobSnapshot {
  return {
    id: newJobId(createdAt),
    revision: createdAt,
    state: 'queued',
    request,
    cell,
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
