import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { JobSnapshot } from '#contract/jobs'
import { createRemoteEngine } from '#engine/remote-engine'
import { forkEngine } from '#hosts/fork-engine'
import { createSilentLog } from '#test/silent-log'
import { ROOT } from '#test/test-app'
import { openTestServer, type TestServer } from '#test/test-server'
import { said } from '#test/said'

/** The server over the real engine in its own process. */
async function openRealServer() {
  const engine = createRemoteEngine({
    log: createSilentLog(),
    fork: () => forkEngine({ nodeBinary: process.execPath, entry: `${ROOT}/main/engine/engine-process.ts` }),
  })
  onTestFinished(() => engine.dispose())
  return { engine, server: await openTestServer({ engine }) }
}

async function submit(server: TestServer, input: object): Promise<JobSnapshot> {
  const { reply } = await server.call('jobs.submit', input)
  if (!reply.ok) throw new Error(reply.error.message)
  return reply.value as JobSnapshot
}

function atStep(server: TestServer, id: string, step: number) {
  return server.app.until(
    event => event.type === 'job' && event.job.id === id && (event.job.progress?.step ?? 0) >= step,
  )
}

test('kill -9 of the real engine in the middle of a step: the job says it and goes on, the next one works, the server answers throughout', async () => {
  const { engine, server } = await openRealServer()
  const job = await submit(server, { prompt: 'a red apple', steps: 20, seed: 1 })
  await atStep(server, job.id, 3)
  const killed = Number(engine.pid)
  process.kill(killed, 'SIGKILL')
  for (let i = 0; i < 20; i++) {
    expect((await server.call('app.info', {})).status).toBe(200)
    await sleep(10)
  }
  const done = await server.app.finished(job.id)
  expect(done).toMatchObject({ state: 'done', error: null })
  expect(said(done.notices)[0]).toMatch(/engine's process stopped unexpectedly after step \d+ of 20 .*SIGKILL/)
  expect(engine.pid).not.toBe(killed)
  const next = await submit(server, { prompt: 'a blue boat', steps: 2 })
  expect(await server.app.finished(next.id)).toMatchObject({ state: 'done', notices: [] })
})

test('kill -9 in a long picture: it goes on at the step where it was, with less memory', async () => {
  const { engine, server } = await openRealServer()
  const job = await submit(server, { prompt: 'a red apple', steps: 1000, guidance: 1, width: 64, height: 64 })
  const checkpoint = join(server.app.dataFolder, 'checkpoints', `${job.id}.json`)
  while (!existsSync(checkpoint)) await sleep(20)
  process.kill(Number(engine.pid), 'SIGKILL')
  const wentOn = /^Went on behind step (\d+), where it was interrupted/
  const isGoingOn = (text: string) => wentOn.test(text)
  await server.app.until(event => event.type === 'job' && said(event.job.notices).some(isGoingOn))
  const notices = said((await server.app.api.jobs.get({ id: job.id })).notices)
  expect(notices[0]).toMatch(/SIGKILL.*one at a time/)
  const behind = Number(wentOn.exec(notices.find(isGoingOn) ?? '')?.[1])
  const eventsBefore = server.app.seen.length
  await server.app.until(event => event.type === 'job' && server.app.seen.indexOf(event) >= eventsBefore)
  const steps = server.app.seen
    .slice(eventsBefore)
    .map(event => (event.type === 'job' ? event.job.progress?.step : null))
  expect(Math.max(...steps.map(step => step ?? 0))).toBeGreaterThanOrEqual(behind)
  await server.call('jobs.cancel', { id: job.id })
  expect(await server.app.finished(job.id)).toMatchObject({ state: 'cancelled' })
})

test('an engine that dies whatever is given up fails the job with what happened, and the job after it works', async () => {
  const { engine, server } = await openRealServer()
  const job = await submit(server, { prompt: 'a red apple', steps: 500 })
  const pids = new Set<number>()
  server.app.events.subscribe(event => {
    if (event.type !== 'job' || event.job.id !== job.id || event.job.progress?.phase !== 'denoising') return
    if (engine.pid === null || pids.has(engine.pid)) return
    pids.add(engine.pid)
    process.kill(engine.pid, 'SIGKILL')
  })
  const failed = await server.app.finished(job.id)
  expect(failed).toMatchObject({ state: 'failed', error: { code: 'engine-lost', details: { signal: 'SIGKILL' } } })
  expect(pids.size).toBe(3) // as it was, with one network at a time, with one row a run
  expect(said(failed.notices)).toEqual([
    expect.stringMatching(/one at a time/),
    expect.stringMatching(/one after the other/),
  ])
  const next = await submit(server, { prompt: 'a blue boat', steps: 2 })
  expect(await server.app.finished(next.id)).toMatchObject({ state: 'done' })
})

test('the host never computes for 50 ms in one go while the engine works', async () => {
  const { server } = await openRealServer()
  const pauses: number[] = []
  const busy: number[] = []
  let last = { at: performance.now(), cpu: process.threadCpuUsage() }
  const timer = setInterval(() => {
    const { user, system } = process.threadCpuUsage(last.cpu)
    busy.push((user + system) / 1000)
    pauses.push(performance.now() - last.at)
    last = { at: performance.now(), cpu: process.threadCpuUsage() }
  }, 5)
  const job = await submit(server, { prompt: 'a red apple', steps: 20, images: 2 }) // from a cold start: with the model's check
  await server.app.finished(job.id)
  clearInterval(timer)
  const [pause, computed] = [pauses, busy].map(times => Math.max(...times).toFixed(1))
  process.stdout.write(
    `host while a job ran: ${computed} ms computed in one go at most; longest pause ${pause} ms of ${busy.length} ticks\n`,
  )
  expect(busy.length).toBeGreaterThan(20)
  expect(Math.max(...busy)).toBeLessThan(50) // its own time on the processor: what else the machine does is not in it
})

test('an engine that cannot be started is said so, and the host stays', async () => {
  const engine = createRemoteEngine({
    log: createSilentLog(),
    fork: () => forkEngine({ nodeBinary: '/nowhere/node', entry: 'engine.ts' }),
  })
  onTestFinished(() => engine.dispose())
  const server = await openTestServer({ engine })
  const job = await submit(server, { prompt: 'a red apple', steps: 1 })
  const { state, error } = await server.app.finished(job.id)
  expect({ state, code: error?.code }).toEqual({ state: 'failed', code: 'engine-lost' })
  expect(error?.message).toMatch(/could not be started: .*\/nowhere\/node/)
  expect((await server.call('app.info', {})).status).toBe(200)
})
