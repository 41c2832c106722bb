/** Playwright's JSON report -> Outcome. */
import { z } from 'zod'
import type { Outcome } from './outcome.ts'

const testSchema = z.object({
  projectName: z.string(),
  status: z.enum(['expected', 'unexpected', 'flaky', 'skipped']),
  annotations: z.array(z.object({ type: z.string(), description: z.string().optional() })),
})
const specSchema = z.object({ title: z.string(), file: z.string(), tests: z.array(testSchema) })

interface Suite {
  title: string
  specs: z.infer<typeof specSchema>[]
  suites?: Suite[] | undefined
}
const suiteSchema: z.ZodType<Suite> = z.lazy(() =>
  z.object({ title: z.string(), specs: z.array(specSchema), suites: z.array(suiteSchema).optional() }),
)
const reportSchema = z.object({
  suites: z.array(suiteSchema),
  errors: z.array(z.object({ message: z.string().optional() })),
})

/** Every test of the report as it ended; a flaky one (passed on a retry) has failed: its first run is what a user gets. */
export function parsePlaywrightReport(json: string): Outcome {
  const report = reportSchema.parse(JSON.parse(json))
  const outcome: Outcome = { passed: 0, failed: [], skipped: [] }
  for (const { name, test } of allTests(report.suites, [])) {
    if (test.status === 'expected') outcome.passed++
    else if (test.status === 'skipped') outcome.skipped.push({ name, reason: reasonOf(test) })
    else outcome.failed.push(name)
  }
  for (const error of report.errors) outcome.failed.push(`outside a test: ${error.message ?? 'unknown error'}`)
  return outcome
}

/** The tests of a `--list` run, which have no status yet, all skipped for one reason. */
export function skipAll(json: string, reason: string): Outcome {
  const report = reportSchema.parse(JSON.parse(json))
  const skipped = allTests(report.suites, []).map(({ name }) => ({ name, reason }))
  return { passed: 0, failed: [], skipped }
}

function allTests(suites: Suite[], titles: string[]): { name: string; test: z.infer<typeof testSchema> }[] {
  return suites.flatMap(suite => [
    ...suite.specs.flatMap(spec =>
      spec.tests.map(test => ({ name: [...titles, suite.title, spec.title].join(' › '), test })),
    ),
    ...allTests(suite.suites ?? [], [...titles, suite.title]),
  ])
}

function reasonOf(test: z.infer<typeof testSchema>): string {
  const skip = test.annotations.find(({ type }) => type === 'skip' || type === 'fixme')
  return skip?.description ?? 'no reason given'
}
