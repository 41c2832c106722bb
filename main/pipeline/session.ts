/**
 * The port behind which a neural network runs: named tensors in, named tensors out. `ort-session.ts` is the real one;
 * tests pass scriptable ones. The pipeline reads names, dtypes and shapes from here and never assumes them.
 */
import type { Notice } from '#contract/notices'
import type { Provider } from '#contract/providers'
import type { DType, Tensor } from './tensor.ts'

export interface TensorInfo {
  name: string
  dtype: DType
  /** A string is a dynamic axis; its text is a label and means nothing. */
  shape: readonly (number | string)[]
}

export interface Session {
  readonly inputs: readonly TensorInfo[]
  readonly outputs: readonly TensorInfo[]
  /** Feeds exactly `inputs`; returns every output. Not cancellable; throws AppError (`out-of-memory`, `model-incompatible`). */
  run(feeds: Record<string, Tensor>): Promise<Record<string, Tensor>>
  release(): Promise<void>
  /** What can be done where memory runs out in a run; absent where a session stands alone. */
  relief?: SessionRelief
}

/** Ways out for a session whose run found no memory, each with the notice for the user of what was given up. */
export interface SessionRelief {
  /** Closes graphs that are not needed while this one runs, `all` also those that cost much to open again; null: there were none. */
  makeRoom(reach: 'idle' | 'all'): Promise<Notice | null>
  /** Opens this graph on the next provider; null: the processor has it already. */
  moveOn(): Promise<Notice | null>
}

/** A graph in memory, whose weights lie in files below `folder` (absolute). */
export interface WrittenGraph {
  bytes: Uint8Array
  folder: string
}

export interface SessionOptions {
  /** 0: one a physical core. */
  threads: number
  /** Size of the graph with its weights; how long its optimisation may take depends on it. */
  weightBytes: number
  /** Absent: the processor. */
  provider?: Provider
  /** What is opened instead of the file, which then is a name for messages. */
  write?: WriteGraph | undefined
  processorNodes?: ProcessorNodes | undefined
}

/** Which operators are best depends on who computes. */
export type WriteGraph = (provider: Provider) => Promise<WrittenGraph>

/** Names of the operators that are left to the processor, as this provider computes them wrong. */
export type ProcessorNodes = (provider: Provider) => Promise<readonly string[]>

/** Opens one graph by absolute path; throws `model-corrupt` or `model-incompatible` naming the file, `device-unavailable` naming the provider. */
export type CreateSession = (file: string, options: SessionOptions) => Promise<Session>
