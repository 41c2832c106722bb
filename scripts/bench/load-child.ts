/** Opens one graph as the engine does, runs it once on zeros, and prints the peak of its memory; for load.ts. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { createOrtSession } from '#pipeline/ort-session'
import { writeLargeGraph } from '#engine/large-graph'
import { toTensor } from '#pipeline/tensor-cast'

const [, , graph] = process.argv
const sizes = [graph, `${graph}_data`].map(file => (existsSync(file) ? statSync(file).size : 0))
const isRewritten = !process.argv.includes('--as-it-is')
const write = isRewritten ? writeLargeGraph(graph, sizes[0]) : undefined
const weightBytes = sizes[0] + sizes[1]
const startedAt = performance.now()
const session = await createOrtSession(graph, { threads: 1, weightBytes, write })
const loadMs = Math.round(performance.now() - startedAt)
const peakBytes = peak()
const feeds = session.inputs.map(({ name, dtype, shape }) => {
  const dims = shape.map(size => (typeof size === 'number' ? size : 1))
  return [name, toTensor(new Float32Array(dims.reduce((product, n) => product * n, 1)), dims, dtype)] as const
})
await session.run(Object.fromEntries(feeds))
process.stdout.write(JSON.stringify({ peakBytes, afterRunBytes: peak(), loadMs }))

/** Largest resident size, with what is mapped from files; only Linux tells. */
function peak(): number {
  const [, kilobytes = '0'] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return Number(kilobytes) * 1024
}
