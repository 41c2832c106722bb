import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createProcessRegistry } from '#services/process-registry'
import { openDatabase } from '#storage/database'
import { createProcessStore } from '#storage/process-store'
import { scratchFolder } from '#test/scratch-folder'

const MINUTE = 60_000

async function open(living: number[]) {
  let time = 1_000_000
  const now = () => time
  const store = createProcessStore(openDatabase(join(await scratchFolder(), 'easel.db'), now).database)
  const self = { id: 'self', pid: 10, machine: 'here', host: 'server' }
  const registry = createProcessRegistry({ store, self, now, isAlive: pid => living.includes(pid) })
  const add = (id: string, pid: number, machine = 'here') => store.beat({ id, pid, machine, host: 'cli', seenAt: time })
  const ids = () =>
    store
      .list()
      .map(found => found.id)
      .sort()
  return { registry, add, ids, pass: (ms: number) => (time += ms) }
}

test('a process that is gone from this machine is dead at once, a living one and one elsewhere are not', async () => {
  const { registry, add, ids } = await open([20])
  add('living', 20)
  add('gone', 21)
  add('elsewhere', 21, 'there')
  registry.removeDead()
  expect(ids()).toEqual(['elsewhere', 'living', 'self'])
})

test('an earlier process with our own number is dead', async () => {
  const { registry, add, ids } = await open([10])
  add('before the restart of the container', 10)
  registry.removeDead()
  expect(ids()).toEqual(['self'])
})

test('one that is silent for long is dead, whatever runs under its number now', async () => {
  const { registry, add, ids, pass } = await open([20])
  add('silent', 20)
  add('elsewhere', 30, 'there')
  for (let minute = 0; minute < 44; minute++) {
    pass(MINUTE / 4)
    registry.beat()
  }
  registry.removeDead()
  expect(ids()).toEqual(['self'])
})

test('after a sleep of the machine nobody is declared dead before they could speak', async () => {
  const { registry, add, ids, pass } = await open([20])
  add('asleep too', 20)
  pass(8 * 60 * MINUTE)
  registry.beat()
  registry.removeDead()
  expect(ids()).toEqual(['asleep too', 'self'])
})
