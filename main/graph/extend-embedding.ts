/**
 * Gives a text encoder's graph more words: rows behind those of its token embedding, which textual inversion taught
 * (Gal et al. 2022, arXiv 2208.01618). The file is not touched, and its large table is not copied either; instead of one
 * look-up stand these:
 *
 *   own = ids < rows       e = table[own ? ids : 0] * (1 - new) + added[own ? 0 : ids - rows + 1]       new = [0, 1, 1, ...]
 */
import { basename } from 'node:path'
import { AppError } from '#contract/errors'
import { withFileSource } from './byte-source.ts'
import { findLookup, type Lookup } from './find-lookup.ts'
import { bytesField, textField, type Pieces } from './proto-writer.ts'
import { readOnnxHeader } from './read-header.ts'
import { INITIALIZER, NO_CHANGES, NODE, rewriteGraph, type GraphChanges } from './rewrite-graph.ts'
import { float16Bytes, float32Bytes, inlineTensor, integerBytes } from './tensor-writer.ts'
import type { WrittenGraph } from './weight-places.ts'

/** `vectors`: one row a new id, the first of which is the number of the table's rows. `others`: changes elsewhere in the graph. */
export async function extendEmbedding(
  file: string,
  vectors: readonly Float32Array[],
  others: GraphChanges = NO_CHANGES,
): Promise<WrittenGraph> {
  const lookup = await withFileSource(file, basename(file), async source =>
    findLookup(source, await readOnnxHeader(source)),
  )
  if (lookup === null || vectors.some(({ length }) => length !== lookup.width)) throw noLookup(file)
  return rewriteGraph(file, {
    ...others,
    nodes: new Map([[lookup.nodeStart, lookupNodes(lookup)]]),
    added: addedTensors(lookup, vectors),
  })
}

const name = (part: string): string => `easel.added_words.${part}`

/** The nodes in the place of the look-up; the last one's output has its name. */
function lookupNodes({ table, ids, output }: Lookup): Pieces {
  return [
    node('Less', [ids, name('rows')], name('own')),
    node('Where', [name('own'), ids, name('zero')], name('own_ids')),
    node('Sub', [ids, name('rows_less_one')], name('shifted')),
    node('Where', [name('own'), name('zero'), name('shifted')], name('added_ids')),
    node('Gather', [table, name('own_ids')], name('own_rows')),
    node('Gather', [name('vectors'), name('added_ids')], name('added_rows')),
    node('Gather', [name('keep'), name('added_ids')], name('kept')),
    node('Mul', [name('own_rows'), name('kept')], name('kept_rows')),
    node('Add', [name('kept_rows'), name('added_rows')], output),
  ].flat()
}

function node(type: string, inputs: readonly string[], output: string): Pieces {
  const names = inputs.flatMap(input => textField(1, input))
  return bytesField(NODE, [
    ...names,
    ...textField(2, output),
    ...textField(3, `${output}.${type}`),
    ...textField(4, type),
  ])
}

/** Row 0 of the added table is for the words that the graph has already. */
function addedTensors({ width, rows, dtype, idType }: Lookup, vectors: readonly Float32Array[]): Pieces {
  const table = new Float32Array((vectors.length + 1) * width)
  for (const [i, vector] of vectors.entries()) table.set(vector, (i + 1) * width)
  const keep = Float32Array.from({ length: vectors.length + 1 }, (_, i) => (i === 0 ? 1 : 0))
  const floats = (part: string, dims: readonly number[], values: Float32Array) =>
    inlineTensor({ name: name(part), dtype, dims }, dtype === 'float16' ? float16Bytes(values) : float32Bytes(values))
  const scalar = (part: string, value: number) =>
    inlineTensor({ name: name(part), dtype: idType, dims: [] }, integerBytes([value], idType))
  return [
    floats('vectors', [vectors.length + 1, width], table),
    floats('keep', [vectors.length + 1, 1], keep),
    scalar('rows', rows),
    scalar('rows_less_one', rows - 1),
    scalar('zero', 0),
  ].flatMap(tensor => bytesField(INITIALIZER, tensor))
}

function noLookup(file: string): AppError {
  const message = `${file} has no table of words that textual inversion could add to.`
  return new AppError('model-incompatible', message, { details: { file } })
}
