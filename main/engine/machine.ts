/** What the machine has: free memory, processors. Facts for decisions that are made elsewhere. */
import { availableParallelism, cpus, totalmem } from 'node:os'
import type { MemoryFacts } from '#pipeline/memory/memory-budget'

export function machineMemory(): MemoryFacts {
  const constrained = process.constrainedMemory()
  const total = totalmem()
  return {
    platform: process.platform,
    totalBytes: constrained > 0 && constrained < total ? constrained : total,
    availableBytes: process.availableMemory(),
    residentBytes: process.memoryUsage.rss(),
  }
}

/** What a machine says of its processors. */
export interface ProcessorFacts {
  /** Of the machine. */
  processors: number
  /** What this process may use of them. */
  usable: number
}

/**
 * 0 leaves it to ONNX Runtime, which takes one thread a physical core of the machine. It does not see that a container or
 * an affinity leaves it less: 64 threads on two processors are slower than two.
 */
export function chooseThreads(
  threads: number,
  { processors, usable }: ProcessorFacts = { processors: cpus().length, usable: availableParallelism() },
): number {
  return threads === 0 && usable < processors ? usable : threads
}
