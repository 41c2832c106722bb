import { expect, test } from 'vitest'
import { GENERATION_DEFAULTS } from '#contract/generation'
import type { JobSnapshot } from '#contract/jobs'
import { createProgressReport } from '#hosts/cli/progress-report'
import { createTerminal } from '#hosts/cli/terminal'

function job(step: number, part: Partial<JobSnapshot> = {}): JobSnapshot {
  return {
    id: 'job',
    revision: step,
    state: 'running',
    request: { ...GENERATION_DEFAULTS, model: 'm', prompt: 'p', seed: 1 },
    cell: null,
    createdAt: 0,
    startedAt: 0,
    finishedAt: null,
    progress: { phase: 'denoising', image: 0, step, steps: 20, secondsLeft: 12 },
    cancelling: false,
    results: [],
    skipped: [],
    error: null,
    notices: [],
    ...part,
  }
}

function capture(isTTY: boolean) {
  let text = ''
  const stream = { write: (part: string) => (text += part), isTTY, columns: 80 }
  return { terminal: createTerminal(stream, stream), text: () => text }
}

test('a file gets a line a second, and none twice', () => {
  const { terminal, text } = capture(false)
  let now = 0
  const report = createProgressReport(terminal, () => now)
  for (const [at, step] of [
    [0, 1],
    [500, 2],
    [1000, 3],
    [2500, 3],
  ]) {
    now = at
    report(job(step))
  }
  expect(text()).toBe('step 1 of 20, 12 s left\nstep 3 of 20, 12 s left\n')
})

test('that a job is being stopped stays on the terminal until it has stopped', () => {
  const { terminal, text } = capture(true)
  const report = createProgressReport(terminal, () => 0)
  report(job(1))
  terminal.status('Stopping ...')
  report(job(2, { cancelling: true }))
  expect(text().endsWith('Stopping ...')).toBe(true)
  report(job(2, { cancelling: true, state: 'cancelled', progress: null }))
  expect(text().endsWith('\u001b[2K')).toBe(true)
})
