/** A graph whose weights are opened from the old file must compute what the file computes, wherever its weights lie. */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { rewriteGraph } from '#graph/rewrite-graph'
import type { WrittenGraph } from '#graph/weight-places'
import { createOrtSession } from '#pipeline/ort-session'
import { toTensor } from '#pipeline/tensor-cast'
import { fixtureFolder } from '#test/fixture-job'
import { scratchFolder } from '#test/scratch-folder'

async function encode(graph: string, write?: () => Promise<WrittenGraph>): Promise<ArrayLike<unknown> | undefined> {
  const session = await createOrtSession(graph, { threads: 1, weightBytes: 1, write })
  try {
    const ids = Array.from({ length: 77 }, (_, i) => i * 5)
    const outputs = await session.run({ input_ids: toTensor(ids, [1, 77], session.inputs[0]?.dtype ?? 'int64') })
    return outputs['last_hidden_state']?.data
  } finally {
    await session.release()
  }
}

describe('a rewritten graph', () => {
  it('computes what its file computes, without the weights in it', async () => {
    const file = join(fixtureFolder('sd15'), 'text_encoder', 'model.onnx')
    const written = await rewriteGraph(file)
    expect(written.bytes.length).toBeLessThan((await readFile(file)).length / 3)
    expect(await encode(file, () => Promise.resolve(written))).toEqual(await encode(file))
  })

  it('finds weights that lie in a file beside the graph already', async () => {
    const file = join(fixtureFolder('sd15'), 'text_encoder', 'model.onnx')
    const written = await rewriteGraph(file)
    const folder = await scratchFolder()
    await mkdir(join(folder, 'text_encoder'))
    await copyFile(join(written.folder, basename(file)), join(folder, 'text_encoder', 'model.onnx'))
    const graph = join(folder, 'text_encoder', 'other.onnx')
    await writeFile(graph, written.bytes)
    expect(await encode(graph)).toEqual(await encode(file))
    expect(await encode(graph, () => rewriteGraph(graph))).toEqual(await encode(file))
  })
})
