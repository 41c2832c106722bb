/**
 * `npm run check`: types, lint, layers, dead code, format. Each step is one line with its time; what a failing step says
 * comes after all of them, so that one run shows everything there is to mend.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism, constants } from 'node:os'
import path from 'node:path'
import { ROOT } from './bootstrap/root.mjs'

interface Step {
  name: string
  /** Package and file of the program. */
  program: [string, string]
  arguments: string[]
}

interface Result {
  step: Step
  code: number
  output: string
  seconds: number
}

const SOURCES = ['contract', 'main', 'preload', 'renderer', 'scripts', 'test']

const STEPS: Step[] = [
  // The longest first: the short ones fill the gaps.
  {
    name: 'lint',
    program: ['eslint', 'bin/eslint.js'],
    arguments: ['.', '--max-warnings=0', '--cache', '--cache-location=.cache/eslint'],
  },
  ...SOURCES.map(folder => typesOf(folder)),
  {
    name: 'layers',
    program: ['dependency-cruiser', 'bin/dependency-cruiser.mjs'],
    arguments: [...SOURCES, '--config', '.dependency-cruiser.cjs', '--output-type', 'err'],
  },
  { name: 'dead code', program: ['knip', 'bin/knip.js'], arguments: ['--no-progress'] },
  {
    name: 'format',
    program: ['prettier', 'bin/prettier.cjs'],
    arguments: ['--check', '.', '--log-level=warn', '--cache', '--cache-location=.cache/prettier'],
  },
]

const running = new Set<ChildProcess>()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const child of running) child.kill(signal)
    process.exit(128 + constants.signals[signal])
  })
}

const wanted = process.argv.slice(2)
const steps = wanted.length === 0 ? STEPS : STEPS.filter(step => wanted.some(word => step.name.startsWith(word)))
if (steps.length === 0) {
  const names = [...new Set(STEPS.map(({ name }) => name.split(' of ')[0]))].join(', ')
  process.stderr.write(`easel: there is no check ${wanted.join(', ')}; choose from ${names}.\n`)
  process.exit(2)
}
const results = await runAll(steps)
const broken = results.filter(({ code }) => code !== 0)
for (const { step, output } of broken) process.stdout.write(`\n── ${step.name} ──\n${output.trim()}\n`)
process.stdout.write(
  broken.length === 0
    ? `\n${results.length} checks passed\n`
    : `\n${broken.length} of ${results.length} checks failed: ${broken.map(({ step }) => step.name).join(', ')}\n`,
)
process.exitCode = broken.length === 0 ? 0 : 1

function typesOf(folder: string): Step {
  const program: [string, string] = folder === 'renderer' ? ['vue-tsc', 'bin/vue-tsc.js'] : ['typescript', 'bin/tsc']
  return { name: `types of ${folder}`, program, arguments: ['-p', folder, '--pretty', 'false'] }
}

/** As many at a time as there are cores. */
async function runAll(steps: Step[]): Promise<Result[]> {
  const waiting = [...steps]
  const results: Result[] = []
  const worker = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const result = await runStep(step)
      results.push(result)
      process.stdout.write(`${result.code === 0 ? '✓' : '✗'} ${step.name.padEnd(20)} ${result.seconds.toFixed(1)} s\n`)
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, availableParallelism()) }, worker))
  return results.sort((a, b) => steps.indexOf(a.step) - steps.indexOf(b.step))
}

async function runStep(step: Step): Promise<Result> {
  const startedAt = performance.now()
  const program = path.join(ROOT, 'node_modules', ...step.program)
  const child = spawn(process.execPath, [program, ...step.arguments], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
  const chunks: string[] = []
  child.stdout.on('data', chunk => chunks.push(String(chunk)))
  child.stderr.on('data', chunk => chunks.push(String(chunk)))
  running.add(child)
  await once(child, 'close')
  running.delete(child)
  const seconds = (performance.now() - startedAt) / 1000
  return { step, code: child.exitCode ?? 1, output: chunks.join(''), seconds }
}
