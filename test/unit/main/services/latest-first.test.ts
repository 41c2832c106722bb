import { expect, test } from 'vitest'
import { createLatestFirst } from '#services/latest-first'

test('what was asked for last is done first, a few at a time, and the oldest that wait are given up', async () => {
  const ask = createLatestFirst({ atOnce: 1, kept: 2 })
  const done: string[] = []
  const open = Promise.withResolvers<undefined>()
  const work = (name: string) => async () => {
    if (name === 'first') await open.promise
    done.push(name)
    return true
  }
  const all = ['first', 'a', 'b', 'c'].map(name => ask(work(name)))
  open.resolve(undefined)
  expect(await Promise.all(all)).toEqual([true, false, true, true])
  expect(done).toEqual(['first', 'c', 'b'])
})
