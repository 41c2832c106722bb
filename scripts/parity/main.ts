/**
 * `npm run parity -- [--json] DIR...`: how Easel's numbers compare with those of a reference. One line a file, then every
 * case that failed with what was expected and what came out. Exit code 0: all passed; 1: one failed; 2: wrong arguments.
 */
import path from 'node:path'
import { parseArgs } from 'node:util'
import type { CaseResult } from './comparison.ts'
import { runFolder, type FileResult } from './folder.ts'
import { runCheckpoint } from './pipelines/checkpoint-cases.ts'
import { runFlowGoldens } from './pipelines/flow-cases.ts'
import { runLayouts } from './pipelines/layouts.ts'
import { runPipelines } from './pipelines.ts'

const USAGE = `npm run parity -- [--json] DIR...

Runs every case of the folders, which hold golden files (format: test/fixtures/golden/README.md) or models with golden/.
Without a folder, the golden files of the checkout.`

const OWN_FOLDER = path.join(import.meta.dirname, '../../test/fixtures/golden')

process.exitCode = await main(process.argv.slice(2))

async function main(argv: string[]): Promise<number> {
  const parsed = readArguments(argv)
  if (typeof parsed === 'string') {
    process.stderr.write(`${parsed}\n\n${USAGE}\n`)
    return 2
  }
  const { folders, json, help } = parsed
  if (help) {
    process.stdout.write(`${USAGE}\n`)
    return 0
  }
  const files: FileResult[] = []
  for (const folder of folders) {
    const runners = { runPipelines, runLayouts, runFlowGoldens, runCheckpoint }
    const onFile = (result: FileResult) => void (json || process.stdout.write(`${lineOf(result)}\n`))
    try {
      files.push(...(await runFolder(path.resolve(folder), { ...runners, onFile })))
    } catch (error) {
      process.stderr.write(`${folder}: ${error instanceof Error ? error.message : String(error)}\n`)
      return 2
    }
  }
  const failed = files.flatMap(({ results }) => results.filter(({ passed }) => !passed)).length
  if (json) process.stdout.write(`${JSON.stringify(reportOf(files), null, 2)}\n`)
  else process.stdout.write(summaryOf(files))
  return failed === 0 && files.length > 0 ? 0 : 1
}

function readArguments(argv: string[]): { folders: string[]; json: boolean; help: boolean } | string {
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
    })
    return { ...values, folders: positionals.length === 0 ? [OWN_FOLDER] : positionals }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** The case that comes nearest to its tolerance, or the first one that is beyond it. */
function worstOf(results: CaseResult[]): CaseResult {
  const share = ({ passed, worstError, tolerance }: CaseResult) =>
    passed ? (worstError === 0 ? 0 : worstError / tolerance) : Infinity
  return results.reduce((worst, result) => (share(result) > share(worst) ? result : worst))
}

function lineOf({ file, results }: FileResult): string {
  const passed = results.filter(result => result.passed).length
  const { worstError, tolerance } = worstOf(results)
  const mark = passed === results.length ? '✓' : '✗'
  const counts = `${String(results.length).padStart(4)} cases  ${String(passed).padStart(4)} passed`
  return `${mark} ${file.padEnd(36)} ${counts}   worst error ${shortNumber(worstError)}, tolerance ${shortNumber(tolerance)}`
}

function shortNumber(value: number): string {
  return value === 0 ? '0' : value.toExponential(1)
}

function summaryOf(files: FileResult[]): string {
  const failing = files.flatMap(({ file, results }) =>
    results.filter(({ passed }) => !passed).map(r => ({ file, ...r })),
  )
  const lines = failing.flatMap(({ file, id, where, expected, actual, worstError, tolerance }) => [
    `\n✗ ${file}  ${id}`,
    `  ${where}: expected ${expected}, got ${actual}${Number.isFinite(worstError) ? ` (off by ${shortNumber(worstError)}, allowed ${shortNumber(tolerance)})` : ''}`,
  ])
  const total = files.reduce((sum, { results }) => sum + results.length, 0)
  return `${[...lines, '', `${total - failing.length} passed, ${failing.length} failed`].join('\n')}\n`
}

function reportOf(files: FileResult[]) {
  const cases = files.flatMap(({ results }) => results)
  const passed = cases.filter(result => result.passed).length
  return {
    cases: cases.length,
    passed,
    failed: cases.length - passed,
    files: files.map(({ file, results }) => {
      const { worstError, tolerance } = worstOf(results)
      const passedHere = results.filter(result => result.passed).length
      return {
        file,
        cases: results.length,
        passed: passedHere,
        worstError: finiteOrNull(worstError),
        tolerance,
        failing: results.filter(result => !result.passed).map(r => ({ ...r, worstError: finiteOrNull(r.worstError) })),
      }
    }),
  }
}

/** JSON has no Infinity: null says that there is no number. */
function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
