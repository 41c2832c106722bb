import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describe } from 'vitest'
import { sayNotice } from '#contract/notices'
import type { Engine, EngineEvent, EngineJob } from '#engine/engine'
import { toEngineLost, type Ending } from '#engine/engine-death'
import type { JobPhase } from '#contract/jobs'
import type { ProviderChoice } from '#contract/providers'
import { missingRanges, runJob } from '#services/job-runner'
import { SMALL_REQUEST } from '#test/starter-job'

test('the ranges are exactly the missing images, in order, and as few as can be', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 30 }), fc.array(fc.integer({ min: 0, max: 29 })), (images, done) => {
      const finished = new Set(done)
      const ranges = missingRanges(images, finished)
      const covered = ranges.flatMap(({ first, count }) => Array.from({ length: count }, (_, i) => first + i))
      expect(covered).toEqual(Array.from({ length: images }, (_, i) => i).filter(i => !finished.has(i)))
      for (const { first } of ranges.slice(1)) expect(finished.has(first - 1)).toBe(true)
    }),
  )
})

describe('a job whose engine dies', () => {
  const killed: Ending = { exitCode: null, signal: 'SIGKILL', startError: null }
  const crashed: Ending = { exitCode: null, signal: 'SIGSEGV', startError: null }

  /** Dies in these phases one after the other, then works; what each attempt had given up. */
  async function run(deaths: readonly JobPhase[], provider: ProviderChoice, ending = killed, output = '') {
    const attempts: EngineJob['relief'][] = []
    const notices: string[] = []
    const engine: Pick<Engine, 'generate'> = {
      async generate(job, { onEvent }) {
        const phase = deaths[attempts.push(job.relief) - 1]
        if (phase === undefined) return []
        onEvent({ type: 'phase', image: 0, phase })
        throw toEngineLost({ ...ending, output, lastEvent: { type: 'phase', image: 0, phase } })
      },
    }
    const job = {
      ...{
        id: 'job',
        request: SMALL_REQUEST,
        modelFolder: '/model',
        refinerFolder: undefined,
        vae: undefined,
        refinerHash: undefined,
        loraFiles: new Map(),
        sourcesFolder: '/sources',
      },
      ...{ appVersion: '1', modelHash: 'x', threads: 0, provider, memoryMb: 0, checkpoint: '/job.json' },
      outputOf: () => '/0.png',
    }
    const options = {
      engine: engine as Engine,
      signal: new AbortController().signal,
      skipped: () => [],
      nextSkip: () => new AbortController().signal,
      finished: () => new Set<number>(),
      onEvent: (event: EngineEvent) => {
        if (event.type === 'notice') notices.push(sayNotice(event.notice))
      },
    }
    const outcome = await runJob(job, options).then(
      () => 'done',
      (thrown: unknown) => thrown,
    )
    return { attempts, notices, outcome }
  }

  test.each([
    [
      'denoising',
      [[], ['one-at-a-time'], ['one-at-a-time', 'row-by-row'], ['one-at-a-time', 'row-by-row', 'processor']],
    ],
    ['decoding', [[], ['in-tiles'], ['in-tiles', 'one-at-a-time'], ['in-tiles', 'one-at-a-time', 'processor']]],
    ['loading', [[], ['one-at-a-time'], ['one-at-a-time', 'processor']]],
  ] as const)('of memory while %s gives up one thing more at each attempt, and says it', async (phase, expected) => {
    const { attempts, notices, outcome } = await run(new Array<JobPhase>(expected.length - 1).fill(phase), 'cuda')
    expect([attempts, outcome]).toEqual([expected, 'done'])
    expect(notices).toHaveLength(expected.length - 1)
    expect(notices.at(-1)).toMatch(/The processor computes it now/)
  })

  test('of memory with nothing left to give up fails with what happened', async () => {
    const { attempts, outcome } = await run(['denoising', 'denoising', 'denoising'], 'auto')
    expect(attempts).toEqual([[], ['one-at-a-time'], ['one-at-a-time', 'row-by-row']])
    expect(outcome).toMatchObject({ code: 'engine-lost' })
  })

  test('of an allocation that failed counts as of memory, whatever signal the allocator ends with', async () => {
    const output = "terminate called after throwing an instance of 'std::bad_alloc'"
    const aborted: Ending = { exitCode: null, signal: 'SIGABRT', startError: null }
    expect((await run(['denoising'], 'auto', aborted, output)).attempts).toEqual([[], ['one-at-a-time']])
  })

  test('of something else is tried once more as it was', async () => {
    const { attempts, outcome } = await run(['denoising', 'denoising'], 'cuda', crashed)
    expect(attempts).toEqual([[], []])
    expect(outcome).toMatchObject({ code: 'engine-lost' })
  })
})
