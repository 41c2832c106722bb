import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { GENERATION_DEFAULTS } from '#contract/generation'
import type { EngineEvent, EngineJob } from '#engine/engine'
import type { RemoteEngine } from '#engine/remote-engine'
import { forkFakeEngine, isRunning } from '#test/fork-fake-engine'
import { scratchFolder } from '#test/scratch-folder'

async function makeJob(images = 1, steps = 4): Promise<EngineJob> {
  const folder = await scratchFolder()
  return {
    id: 'job',
    modelFolder: folder,
    request: { ...GENERATION_DEFAULTS, model: 'm', prompt: 'x', seed: 1, width: 64, height: 96, steps, images },
    outputs: Array.from({ length: images }, (_, i) => join(folder, `${i}.png`)),
    sourcesFolder: folder,
    appVersion: '1.2.3',
    threads: 1,
    provider: 'auto',
    memoryMb: 0,
    relief: [],
  }
}

function run(engine: RemoteEngine, job: EngineJob, controller = new AbortController(), onStep?: () => void) {
  const events: EngineEvent[] = []
  const results = engine.generate(job, {
    signal: controller.signal,
    onEvent(event) {
      events.push(event)
      if (event.type === 'step') onStep?.()
    },
  })
  return { results, events }
}

test('a job in the child process tells its steps in order and writes its files', async () => {
  const engine = forkFakeEngine({ stepMs: 1 })
  const job = await makeJob(2)
  const { results, events } = run(engine, job)
  expect((await results).map(result => result.path)).toEqual(job.outputs)
  const steps = events.flatMap(event => (event.type === 'step' ? [[event.image, event.step]] : []))
  expect(steps).toEqual([0, 1].flatMap(image => [1, 2, 3, 4].map(step => [image, step])))
})

test('the child stays for the next job, and a second job at the same time is refused', async () => {
  const startsFile = join(await scratchFolder(), 'starts')
  const engine = forkFakeEngine({ stepMs: 5, startsFile })
  const first = run(engine, await makeJob())
  await expect(run(engine, await makeJob()).results).rejects.toMatchObject({ code: 'internal' })
  await first.results
  await run(engine, await makeJob()).results
  expect((await readFile(startsFile, 'utf8')).trim().split('\n')).toHaveLength(1)
})

test('kill -9 in the middle of a step is told with the step and the signal, and the next job works in a new process', async () => {
  const engine = forkFakeEngine({ stepMs: 30 })
  const pids: (number | null)[] = []
  const { results } = run(engine, await makeJob(1, 50), undefined, () => {
    if (pids.length > 0) return
    pids.push(engine.pid)
    process.kill(Number(engine.pid), 'SIGKILL')
  })
  await expect(results).rejects.toMatchObject({
    code: 'engine-lost',
    message: expect.stringMatching(/after step 1 of 50 of picture 1 \(signal SIGKILL\)/) as unknown,
    details: { signal: 'SIGKILL' },
  })
  const next = run(engine, await makeJob(), undefined, () => pids.push(engine.pid))
  expect(await next.results).toHaveLength(1)
  expect(pids[1]).not.toBe(pids[0])
})

test('an engine that ends by itself is told with its exit code and its last words', async () => {
  const engine = forkFakeEngine({ stepMs: 1, exitAtStep: 2, lastWords: 'terminate called without an exception' })
  await expect(run(engine, await makeJob()).results).rejects.toMatchObject({
    code: 'engine-lost',
    message: expect.stringContaining('exit code 3') as unknown,
    details: { exitCode: 3, output: 'terminate called without an exception' },
  })
})

test('a cancel takes effect within one step and leaves no file and a living engine', async () => {
  const engine = forkFakeEngine({ stepMs: 20 })
  const job = await makeJob(2, 50)
  const controller = new AbortController()
  const { results, events } = run(engine, job, controller, () => controller.abort())
  await expect(results).rejects.toMatchObject({ code: 'cancelled' })
  expect(events.filter(event => event.type === 'step').length).toBeLessThanOrEqual(2)
  expect(await readdir(job.modelFolder)).toEqual([])
  expect(await run(engine, await makeJob()).results).toHaveLength(1)
})

test('a cancel that is not heard in time kills the engine, and the job still ends as cancelled', async () => {
  const engine = forkFakeEngine({ stepMs: 1, blockAtStep: 1, blockMs: 60_000 }, 100)
  const controller = new AbortController()
  const startedAt = performance.now()
  const { results } = run(engine, await makeJob(), controller, () => controller.abort())
  await expect(results).rejects.toMatchObject({ code: 'cancelled' })
  expect(performance.now() - startedAt).toBeLessThan(30_000)
  expect(engine.pid).toBeNull()
})

test('a message that fits no schema ends the job as our fault and the process with it', async () => {
  const engine = forkFakeEngine({ stepMs: 10, babbleAtStep: 1 })
  await expect(run(engine, await makeJob()).results).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringContaining('engine message.call is "one"') as unknown,
  })
})

test('a listener that throws ends the job with what it threw, and the engine can be used again', async () => {
  const engine = forkFakeEngine({ stepMs: 5 })
  const failure = new Error('the disk is full')
  const { results } = run(engine, await makeJob(1, 50), undefined, () => {
    throw failure
  })
  await expect(results).rejects.toBe(failure)
  expect(await run(engine, await makeJob()).results).toHaveLength(1)
})

test('dispose leaves no process, whatever it was doing, and the open job is told', async () => {
  const engine = forkFakeEngine({ stepMs: 1, blockAtStep: 1, blockMs: 60_000 })
  let pid = 0
  const { results } = run(engine, await makeJob(), undefined, () => {
    pid = Number(engine.pid)
  })
  const rejected = expect(results).rejects.toMatchObject({ code: 'engine-lost' })
  await expect.poll(() => pid, { timeout: 30_000 }).toBeGreaterThan(0)
  await engine.dispose()
  await rejected
  expect(isRunning(pid)).toBe(false)
  await expect(run(engine, await makeJob()).results).rejects.toMatchObject({ code: 'engine-lost' })
})

test('Ctrl+C in the terminal does not end the engine: that is for the host to decide', async () => {
  const engine = forkFakeEngine({ stepMs: 20 })
  const { results } = run(engine, await makeJob(1, 5), undefined, () => process.kill(Number(engine.pid), 'SIGINT'))
  expect(await results).toHaveLength(1)
})

test('unload is answered by a living engine and is nothing without one', async () => {
  const engine = forkFakeEngine({ stepMs: 1 })
  await engine.unload()
  expect(engine.pid).toBeNull()
  await run(engine, await makeJob()).results
  await engine.unload()
  expect(engine.pid).not.toBeNull()
})
