/** Tells how far a job is: a bar on a terminal, a line a second otherwise. */
import { sayNotice } from '#contract/notices'
import { isJobOver, type JobSnapshot } from '#contract/jobs'
import type { Terminal } from './terminal.ts'

const BAR_CHARS = 24
const LINE_EVERY_MS = 1000

/** Returns the function that is given every snapshot of the job. */
export function createProgressReport(terminal: Terminal, now: () => number): (job: JobSnapshot) => void {
  let lastLine = ''
  let lastLineAt = -Infinity
  let told = 0
  return job => {
    for (const notice of job.notices.slice(told)) terminal.say(sayNotice(notice))
    told = job.notices.length
    if (isJobOver(job.state)) return terminal.status('')
    if (job.progress === null || job.cancelling) return // that it is being stopped has been said, and stays
    if (terminal.isInteractive) return terminal.status(barOf(job))
    const line = lineOf(job)
    if (line === lastLine || now() - lastLineAt < LINE_EVERY_MS) return
    lastLine = line
    lastLineAt = now()
    terminal.say(line)
  }
}

export function barOf(job: JobSnapshot): string {
  const { image = 0, step = 0, steps = 1 } = job.progress ?? {}
  const done = (image + step / steps) / job.request.images
  const full = Math.round(Math.min(1, done) * BAR_CHARS)
  return `${'█'.repeat(full)}${'░'.repeat(BAR_CHARS - full)} ${lineOf(job)}`
}

/** "Picture 2 of 4, step 7 of 20, 12 s left" */
export function lineOf(job: JobSnapshot): string {
  const { progress, request } = job
  if (progress === null) return 'Waiting'
  const { phase, image, step, steps, secondsLeft } = progress
  const picture = request.images === 1 ? '' : `Picture ${image + 1} of ${request.images}: `
  const what = phase === 'denoising' ? `step ${step} of ${steps}` : phase
  const left = secondsLeft === null || secondsLeft < 1 ? '' : `, ${Math.ceil(secondsLeft)} s left`
  return `${picture}${what}${left}`
}
