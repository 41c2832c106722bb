/**
 * `npm run bench`: measurements as JSON on stdout, what is being measured on stderr. Without arguments everything but the
 * samplers, the canvas, loading and endurance; `-- generation start responsiveness page` chooses; `-- samplers` compares the samplers with
 * each other; `-- canvas` paints on a large picture; `-- load` opens half a gigabyte of weights;
 * `-- endurance` makes 200 pictures with models in turn.
 */
import { availableParallelism, cpus } from 'node:os'
import { benchCanvas } from './canvas.ts'
import { benchColdStart } from './cold-start.ts'
import { benchEndurance } from './endurance.ts'
import { benchGeneration } from './generation.ts'
import { benchLoad } from './load.ts'
import { benchPage } from './page.ts'
import { benchResponsiveness } from './responsiveness.ts'
import { benchSamplers } from './samplers.ts'

const STEPS = 20
const IMAGES = 4
const REPEATS = 3
/** Ratios of single runs differ by a percent. */
const GENERATIONS = 7

const BENCHES: Record<string, () => Promise<unknown>> = {
  generation: () => benchGeneration({ steps: STEPS, images: IMAGES, repeats: GENERATIONS }),
  start: () => benchColdStart({ steps: STEPS, repeats: REPEATS }),
  responsiveness: () => benchResponsiveness({ steps: STEPS, images: IMAGES }),
  page: () => benchPage({ repeats: REPEATS }),
  canvas: () => benchCanvas({ side: 4096, strokes: 100 }),
  endurance: () => benchEndurance({ generations: 200 }),
  samplers: async () => benchSamplers(),
  load: async () => benchLoad(),
}
const UNASKED = Object.keys(BENCHES).filter(name => !['samplers', 'canvas', 'load', 'endurance'].includes(name))

const wanted = process.argv.slice(2)
const unknown = wanted.filter(name => !Object.hasOwn(BENCHES, name))
if (unknown.length > 0) {
  process.stderr.write(
    `easel: there is no measurement ${unknown.join(', ')}; choose from ${Object.keys(BENCHES).join(', ')}.\n`,
  )
  process.exitCode = 2
} else {
  const results: Record<string, unknown> = { machine: describeMachine() }
  for (const name of wanted.length === 0 ? UNASKED : wanted) {
    process.stderr.write(`Measuring: ${name}\n`)
    results[name] = await BENCHES[name]()
  }
  process.stdout.write(`${JSON.stringify(results, null, 2)}\n`)
}

function describeMachine() {
  return {
    system: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    node: process.version,
  }
}
