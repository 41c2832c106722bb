import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createLog } from '#services/log'
import { scratchFolder } from '#test/scratch-folder'

test('lines are JSON in order, and less urgent ones are dropped', async () => {
  const file = join(await scratchFolder(), 'logs/easel.log')
  const log = createLog({ file, level: 'info', now: () => 0, maxBytes: 1e6, keep: 2 })
  log.debug('a prompt')
  log.info('one', { job: 'x' })
  log.error('two')
  await log.flush()
  const lines = (await readFile(file, 'utf8'))
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as object)
  expect(lines).toEqual([
    { time: '1970-01-01T00:00:00.000Z', level: 'info', pid: process.pid, message: 'one', job: 'x' },
    { time: '1970-01-01T00:00:00.000Z', level: 'error', pid: process.pid, message: 'two' },
  ])
})

test('a file that has grown is put aside, and only so many stay', async () => {
  const folder = await scratchFolder()
  const log = createLog({ file: join(folder, 'easel.log'), level: 'info', now: () => 0, maxBytes: 200, keep: 2 })
  for (let i = 0; i < 30; i++) {
    log.info(`line ${i}`)
    await log.flush()
  }
  expect((await readdir(folder)).sort()).toEqual(['easel.log', 'easel.log.1', 'easel.log.2'])
  expect(await readFile(join(folder, 'easel.log'), 'utf8')).toContain('line 29')
})

test('a log that cannot be written harms nobody', async () => {
  const log = createLog({ file: '/dev/null/easel.log', level: 'info', now: () => 0, maxBytes: 1, keep: 1 })
  log.info('into the void')
  await expect(log.flush()).resolves.toBeUndefined()
})
