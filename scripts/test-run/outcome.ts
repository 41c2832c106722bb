/** What a test runner found, in one shape for every runner, and how it is printed. The last line is the machine-readable one. */

export interface Outcome {
  passed: number
  failed: string[]
  skipped: { name: string; reason: string }[]
}

export function mergeOutcomes(outcomes: Outcome[]): Outcome {
  return {
    passed: outcomes.reduce((sum, outcome) => sum + outcome.passed, 0),
    failed: outcomes.flatMap(outcome => outcome.failed),
    skipped: outcomes.flatMap(outcome => outcome.skipped),
  }
}

/** A run that ended without a report, or with an exit code that its report does not explain, has failed. */
export function outcomeOfRun(runner: string, exitCode: number, report: Outcome | null): Outcome {
  if (report === null) {
    return { passed: 0, failed: [`${runner} ended with exit code ${exitCode} and without a result`], skipped: [] }
  }
  if (exitCode !== 0 && report.failed.length === 0) {
    return { ...report, failed: [`${runner} ended with exit code ${exitCode} although no test failed`] }
  }
  return report
}

export function formatOutcome({ passed, failed, skipped }: Outcome): string {
  const lines: string[] = ['']
  if (skipped.length > 0) lines.push('Skipped:', ...formatSkipped(skipped), '')
  if (failed.length > 0) lines.push('Failed:', ...failed.map(name => `  ${name}`), '')
  lines.push(`${passed} passed, ${failed.length} failed, ${skipped.length} skipped`)
  return lines.join('\n')
}

/** Grouped by reason, because one missing thing usually skips many tests. */
function formatSkipped(skipped: Outcome['skipped']): string[] {
  const groups = Map.groupBy(skipped, ({ reason }) => reason)
  return [...groups].flatMap(([reason, tests]) => [`  ${reason}:`, ...tests.map(({ name }) => `    ${name}`)])
}
