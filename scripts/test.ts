/**
 * `npm test`: Vitest (unit, parity, integration), then Playwright (the page in Chromium, the Electron app where its binary
 * is). Every test that did not run is listed with its reason, and the last line counts them all.
 * `npm test -- <part of a path>` runs only the files whose path contains it.
 */
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import path from 'node:path'
import { ensurePage } from './bootstrap/page.mjs'
import { handOver } from './bootstrap/processes.mjs'
import { ROOT } from './bootstrap/root.mjs'
import { Problem, say } from './bootstrap/say.mjs'
import { findOrInstallChromium } from './machine/chromium.ts'
import { formatOutcome, mergeOutcomes, outcomeOfRun, type Outcome } from './test-run/outcome.ts'
import { parsePlaywrightReport, skipAll } from './test-run/playwright-report.ts'

const filters = process.argv.slice(2)
const interrupted = watchSignals()
const reports = mkdtempSync(path.join(tmpdir(), 'easel-test-'))
try {
  const outcome = mergeOutcomes([await runVitest(), await runPlaywright()])
  if (outcome.passed + outcome.failed.length + outcome.skipped.length === 0) {
    outcome.failed.push(`no test file's path contains ${filters.join(' or ')}`)
  }
  process.stdout.write(`${formatOutcome(outcome)}\n`)
  process.exitCode = outcome.failed.length === 0 ? 0 : 1
} catch (error) {
  if (!(error instanceof Problem)) throw error
  say(error.message)
  process.exitCode = error.exitCode
} finally {
  rmSync(reports, { recursive: true, force: true })
}

async function runVitest(): Promise<Outcome> {
  if (!isWanted('test/{unit,parity,integration}/**/*.test.ts')) return { passed: 0, failed: [], skipped: [] }
  const report = path.join(reports, 'vitest.json')
  const exitCode = await run(
    ['vitest', 'vitest.mjs'],
    ['run', '--reporter=default', '--reporter=./scripts/test-run/vitest-reporter.ts', ...filters],
    { EASEL_TEST_REPORT: report },
  )
  return outcomeOfRun(
    'Vitest',
    exitCode,
    readReport(report, text => JSON.parse(text) as Outcome),
  )
}

async function runPlaywright(): Promise<Outcome> {
  if (!isWanted('test/e2e/**/*.spec.ts')) return { passed: 0, failed: [], skipped: [] }
  const chromium = findOrInstallChromium(line => process.stdout.write(`${line}\n`))
  try {
    await ensurePage(ROOT, process.execPath)
  } catch (error) {
    return { passed: 0, failed: [error instanceof Error ? error.message : String(error)], skipped: [] }
  }
  if (chromium.path !== null) return playwright('e2e', [], { EASEL_CHROMIUM: chromium.path }, parsePlaywrightReport)
  const { reason } = chromium
  return mergeOutcomes([
    await playwright('list', ['--project=page', '--list'], {}, json => skipAll(json, reason)),
    await playwright('electron', ['--project=electron'], {}, parsePlaywrightReport),
  ])
}

async function playwright(
  name: string,
  options: string[],
  environment: Record<string, string>,
  parse: (json: string) => Outcome,
): Promise<Outcome> {
  const report = path.join(reports, `${name}.json`)
  const exitCode = await run(['@playwright/test', 'cli.js'], ['test', '--reporter=list,json', ...options, ...filters], {
    ...environment,
    PLAYWRIGHT_JSON_OUTPUT_FILE: report,
  })
  return outcomeOfRun('Playwright', exitCode, readReport(report, parse))
}

/** Runs a program of node_modules under this Node with our output as its own. */
async function run([name, file]: [string, string], argumentList: string[], environment: Record<string, string>) {
  const program = path.join(ROOT, 'node_modules', name, file)
  const exitCode = await handOver(process.execPath, [program, ...argumentList], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
  })
  if (interrupted.code !== null) throw new Problem('The tests were interrupted.', interrupted.code)
  return exitCode
}

/** Remembers the signal that ends the run, so that the next runner is not started after it. */
function watchSignals(): { code: number | null } {
  const state: { code: number | null } = { code: null }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      state.code ??= 128 + constants.signals[signal]
    })
  }
  return state
}

function isWanted(pattern: string): boolean {
  const files = globSync(pattern, { cwd: ROOT })
  return files.some(file => filters.length === 0 || filters.some(filter => file.includes(filter)))
}

/** A report that is missing or cut short is none: the runner died. */
function readReport(file: string, parse: (text: string) => Outcome): Outcome | null {
  if (!existsSync(file)) return null
  try {
    return parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}
