/**
 * `node scripts/fuzz/main.ts [--count 2000] [--seed 1] [--limit-ms 2000]`: damaged model folders through the catalog and the
 * engine's process. JSON on stdout, progress on stderr; exit code 1 when one was not answered as it has to be.
 */
import path from 'node:path'
import { parseArgs } from 'node:util'
import { createRemoteEngine } from '#engine/remote-engine'
import { forkEngine } from '#hosts/fork-engine'
import { fuzzModels, type FuzzResult } from './fuzz-models.ts'

const ENTRY = path.join(import.meta.dirname, '../../main/engine/engine-process.ts')
const EVERY = 100

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    'limit-ms': { type: 'string', default: '2000' },
  },
})
let children = 0
const quiet = () => undefined
const engine = createRemoteEngine({
  fork: () => {
    children++
    return forkEngine({ nodeBinary: process.execPath, entry: ENTRY })
  },
  log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
})
engine.warmUp()
const results: FuzzResult[] = []
await fuzzModels({
  seed: Number(values.seed),
  count: Number(values.count),
  limitMs: Number(values['limit-ms']),
  engine,
  now: () => performance.now(),
  onResult(result) {
    results.push(result)
    const isLate = result.verdict === 'usable' && result.outcome !== 'picture' // only the engine noticed
    if (result.fault !== null || isLate) process.stderr.write(`${JSON.stringify(result)}\n`)
    if (results.length % EVERY === 0) process.stderr.write(`${results.length} folders\n`)
  },
})
await engine.dispose()

const faults = results.filter(({ fault }) => fault !== null)
const count = (key: 'verdict' | 'outcome') =>
  Object.fromEntries(
    Object.entries(Object.groupBy(results, result => result[key])).map(([name, all]) => [name, all?.length]),
  )
/** Half, and 95 and 99 of 100, are not slower than this; and the slowest. */
function times(key: 'inspectMs' | 'engineMs') {
  const sorted = results.map(result => Math.round(result[key])).sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1]
  return { median: at(0.5), of95: at(0.95), of99: at(0.99), slowest: at(1) }
}
const report = {
  folders: results.length,
  faults: faults.length,
  verdicts: count('verdict'),
  outcomes: count('outcome'),
  verdictMs: times('inspectMs'),
  engineMs: times('engineMs'),
  noticedByTheEngineOnly: results.filter(({ verdict, outcome }) => verdict === 'usable' && outcome !== 'picture')
    .length,
  engineProcesses: children,
}
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
process.exitCode = faults.length === 0 ? 0 : 1
