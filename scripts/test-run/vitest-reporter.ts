/** A Vitest reporter that writes an Outcome to EASEL_TEST_REPORT. Vitest's own JSON leaves out why a test was skipped. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Reporter, SerializedError, TestCase, TestModule, TestSuite } from 'vitest/node'
import type { Outcome } from './outcome.ts'

export default class OutcomeReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const report = process.env.EASEL_TEST_REPORT
    if (report === undefined) return
    const outcome: Outcome = { passed: 0, failed: [], skipped: [] }
    for (const module of modules) addModule(outcome, module)
    for (const error of unhandled) outcome.failed.push(`outside a test: ${error.message}`)
    writeFileSync(report, JSON.stringify(outcome))
  }
}

function addModule(outcome: Outcome, module: TestModule): void {
  const file = path.relative(process.cwd(), module.moduleId)
  for (const test of module.children.allTests()) addTest(outcome, file, test)
  // A file that does not load and a suite whose hook throws have no failed test to show for it.
  const broken: (TestModule | TestSuite)[] = [module, ...module.children.allSuites()]
  for (const part of broken) {
    if (part.errors().length > 0) outcome.failed.push(part.type === 'suite' ? `${file} › ${part.fullName}` : file)
  }
}

function addTest(outcome: Outcome, file: string, test: TestCase): void {
  const name = `${file} › ${test.fullName}`
  const result = test.result()
  if (result.state === 'passed') outcome.passed++
  else if (result.state === 'skipped') outcome.skipped.push({ name, reason: result.note ?? 'no reason given' })
  else outcome.failed.push(name)
}
