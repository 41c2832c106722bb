import { expect, test } from 'vitest'
import { aJob } from '#test/page-stores'
import { groupJobs } from '../../../../../renderer/features/queue/group-jobs.ts'

const cell = (batch: string) => ({ batch, column: 0, row: 0, columnLabel: '', rowLabel: '' })

test('jobs that were queued together are one entry where the first of them stands', () => {
  const jobs = [
    aJob({ id: 'a', cell: cell('x') }),
    aJob({ id: 'b' }),
    aJob({ id: 'c', cell: cell('x') }),
    aJob({ id: 'd', cell: cell('y') }),
  ]
  const entries = groupJobs(jobs)
  expect(entries.map(({ kind, key }) => [kind, key])).toEqual([
    ['batch', 'x'],
    ['job', 'b'],
    ['job', 'd'],
  ])
  expect(entries[0]).toMatchObject({ jobs: [{ id: 'a' }, { id: 'c' }] })
})
