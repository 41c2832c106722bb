import { describe, expect, it } from 'vitest'
import { formatOutcome, mergeOutcomes, outcomeOfRun } from '../../../../scripts/test-run/outcome.ts'
import { parsePlaywrightReport, skipAll } from '../../../../scripts/test-run/playwright-report.ts'

const green = { passed: 3, failed: [], skipped: [] }

describe('the outcome of a run', () => {
  it('is a failure when the runner left no report, whatever its exit code', () => {
    expect(outcomeOfRun('Vitest', 0, null).failed).toEqual(['Vitest ended with exit code 0 and without a result'])
  })

  it('is a failure when the exit code says so and no test does', () => {
    expect(outcomeOfRun('Vitest', 137, green)).toMatchObject({ passed: 3, failed: [expect.stringContaining('137')] })
  })

  it('is the report otherwise', () => {
    expect(outcomeOfRun('Vitest', 0, green)).toEqual(green)
    expect(outcomeOfRun('Vitest', 1, { ...green, failed: ['a'] })).toEqual({ ...green, failed: ['a'] })
  })

  it('ends with the line of numbers, after failures and skips grouped by reason', () => {
    const outcome = mergeOutcomes([
      { passed: 2, failed: ['x › y'], skipped: [{ name: 'a', reason: 'no GPU' }] },
      { passed: 1, failed: [], skipped: [{ name: 'b', reason: 'no GPU' }] },
    ])
    expect(formatOutcome(outcome).split('\n')).toEqual([
      '',
      'Skipped:',
      '  no GPU:',
      '    a',
      '    b',
      '',
      'Failed:',
      '  x › y',
      '',
      '3 passed, 1 failed, 2 skipped',
    ])
  })
})

describe("Playwright's report", () => {
  const report = (statuses: string[], errors: object[] = []) =>
    JSON.stringify({
      suites: [
        {
          title: 'page.spec.ts',
          specs: [],
          suites: [
            {
              title: 'the page',
              specs: statuses.map((status, index) => ({
                title: `test ${index}`,
                file: 'page.spec.ts',
                tests: [{ projectName: 'page', status, annotations: [{ type: 'skip', description: 'no display' }] }],
              })),
            },
          ],
        },
      ],
      errors,
    })

  it('counts every test, those in nested suites too', () => {
    expect(parsePlaywrightReport(report(['expected', 'unexpected', 'skipped', 'expected']))).toEqual({
      passed: 2,
      failed: ['page.spec.ts › the page › test 1'],
      skipped: [{ name: 'page.spec.ts › the page › test 2', reason: 'no display' }],
    })
  })

  it('counts a test that passed only when it was tried again as failed', () => {
    expect(parsePlaywrightReport(report(['flaky'])).failed).toHaveLength(1)
  })

  it('counts errors outside of tests as failures', () => {
    expect(parsePlaywrightReport(report([], [{ message: 'port in use' }])).failed).toEqual([
      'outside a test: port in use',
    ])
  })

  it('of a listing gives every test as skipped for the given reason', () => {
    expect(skipAll(report(['skipped', 'skipped']), 'no Chromium').skipped).toEqual([
      { name: 'page.spec.ts › the page › test 0', reason: 'no Chromium' },
      { name: 'page.spec.ts › the page › test 1', reason: 'no Chromium' },
    ])
  })
})
