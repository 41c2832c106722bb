/** Gives a model the words that textual inversion taught: which vectors belong to which of its text encoders, and which files do not fit it. */
import { withFileSource } from '#graph/byte-source'
import { extendEmbedding } from '#graph/extend-embedding'
import { findLookup, type Lookup } from '#graph/find-lookup'
import { readOnnxHeader } from '#graph/read-header'
import type { AddedWord, ModelFiles, ModelPart } from '#pipeline/model-files'
import type { FoundEmbedding } from './find-embeddings.ts'
import type { Vectors } from './read-embedding.ts'

/** An encoder whose table of words can be added to. */
interface Encoder {
  part: ModelPart
  rows: number
  width: number
}

/** Names in files for several encoders: CLIP ViT-L and bigG. */
const NAMES: Readonly<Record<string, string>> = { text_encoder: 'clip_l', text_encoder_2: 'clip_g' }

export async function attachEmbeddings(files: ModelFiles, found: readonly FoundEmbedding[]): Promise<ModelFiles> {
  if (found.length === 0) return files
  const encoders = await findEncoders(files)
  const chosen = found.map(({ spellings, hash, vectors }) => ({
    spellings,
    hash,
    fit: typeof vectors === 'string' ? vectors : chooseVectors(vectors, encoders),
  }))
  const parts = { ...files.parts }
  for (const [i, { part, rows }] of encoders.entries()) {
    const own: Float32Array[] = []
    const words: AddedWord[] = []
    for (const { spellings, fit } of chosen) {
      if (typeof fit === 'string') continue
      const { dims, data } = fit[i]
      words.push({ spellings, ids: Array.from({ length: dims[0] }, (_, row) => rows + own.length + row) })
      for (let row = 0; row < dims[0]; row++) own.push(data.subarray(row * dims[1], (row + 1) * dims[1]))
    }
    if (own.length === 0) continue
    parts[part.name] = { ...part, words, write: part.table?.writeWith(own) ?? (() => extendEmbedding(part.graph, own)) }
  }
  const misfits = chosen.flatMap(({ spellings, fit }) => (typeof fit === 'string' ? [{ spellings, reason: fit }] : []))
  const embeddings = chosen.flatMap(({ spellings, hash, fit }) =>
    typeof fit === 'string' ? [] : [{ spellings, hash }],
  )
  return { ...files, parts, misfits, embeddings }
}

/** One set of vectors an encoder, or why there is none. */
function chooseVectors(all: ReadonlyMap<string, Vectors>, encoders: readonly Encoder[]): Vectors[] | string {
  const sets = encoders.map(({ part, width }) => {
    const named = encoders.length > 1 ? all.get(NAMES[part.name] ?? '') : undefined
    const alone = encoders.length > 1 ? undefined : [...all.values()].find(({ dims }) => dims[1] === width)
    const set = named ?? alone
    return set?.dims[1] === width ? set : undefined
  })
  const complete = sets.filter(set => set !== undefined)
  const [first] = complete
  if (
    first !== undefined &&
    complete.length === encoders.length &&
    complete.every(set => set.dims[0] === first.dims[0])
  ) {
    return complete
  }
  const given = [...new Set([...all.values()].map(({ dims }) => dims[1]))].join(', ')
  const wanted = encoders.map(({ width }) => width).join(' and ')
  return encoders.length === 0
    ? 'the text encoder of this model cannot take new words'
    : `it was made for another kind of model: its vectors have ${given} numbers, this model's have ${wanted}`
}

async function findEncoders({ parts }: ModelFiles): Promise<Encoder[]> {
  const found: Encoder[] = []
  for (const name of Object.keys(NAMES)) {
    const part = parts[name]
    if (part === undefined) continue
    const lookup = part.table ?? (await readLookup(part.graph))
    if (lookup !== null) found.push({ part, rows: lookup.rows, width: lookup.width })
  }
  return found
}

function readLookup(graph: string): Promise<Lookup | null> {
  return withFileSource(graph, graph, async source => findLookup(source, await readOnnxHeader(source)))
}
