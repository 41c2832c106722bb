/**
 * Graphs with their weights inside: read as it is, such a file is in memory twice while ONNX Runtime copies each weight out of
 * it (`npm run bench -- load`). Written anew without them it is some kB, and the weights are mapped from the old file.
 */
import { rewriteGraph } from '#graph/rewrite-graph'
import type { WriteGraph } from '#pipeline/session'

const LARGE_BYTES = 64 * 2 ** 20

/** `sizeBytes`: of the graph's own file. undefined: it is opened as it is. */
export function writeLargeGraph(graph: string, sizeBytes: number): WriteGraph | undefined {
  return sizeBytes < LARGE_BYTES ? undefined : () => rewriteGraph(graph)
}
