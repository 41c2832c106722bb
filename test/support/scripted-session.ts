/** A Session whose answers and failures a test writes itself; it keeps what it was fed. */
import type { Session, TensorInfo } from '#pipeline/session'
import type { Tensor } from '#pipeline/tensor'

export interface ScriptedSession extends Session {
  /** Feeds of every run that was begun, failed ones too. */
  readonly runs: Record<string, Tensor>[]
}

export function scriptedSession(
  inputs: readonly TensorInfo[],
  outputs: readonly TensorInfo[],
  answer: (feeds: Record<string, Tensor>) => Record<string, Tensor>,
): ScriptedSession {
  const runs: Record<string, Tensor>[] = []
  return {
    inputs,
    outputs,
    runs,
    run: feeds => {
      runs.push(feeds)
      return Promise.resolve().then(() => answer(feeds))
    },
    release: () => Promise.resolve(),
  }
}

export function float32(dims: readonly number[], valueAt: (index: number) => number): Tensor {
  const count = dims.reduce((product, n) => product * n, 1)
  return { dtype: 'float32', dims, data: Float32Array.from({ length: count }, (_, i) => valueAt(i)) }
}
