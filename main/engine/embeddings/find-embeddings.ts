/** The files of textual inversion that a model may use: inside its folder, beside it, and the user's own for all models. */
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { toErrorPayload } from '#contract/errors'
import { EMBEDDING_FILE, MAX_EMBEDDING_BYTES, readEmbedding, type Vectors } from './read-embedding.ts'

export const EMBEDDINGS_FOLDER = 'embeddings'

export interface EmbeddingFile {
  path: string
  sizeBytes: number
  changedAt: number
}

export interface FoundEmbedding {
  /** What is written in a prompt: the file's name, and the word in it where it has one of its own. */
  spellings: readonly string[]
  /** SHA-256 of the file; empty where it cannot be read. */
  hash: string
  /** By their names in the file; a text says why it cannot be read. */
  vectors: ReadonlyMap<string, Vectors> | string
}

/** The first of one name wins. `userFolder` is the data folder; null where there is none. */
export async function listEmbeddings(modelFolder: string, userFolder: string | null): Promise<EmbeddingFile[]> {
  const parents = [modelFolder, dirname(modelFolder), ...(userFolder === null ? [] : [userFolder])]
  const found = new Map<string, EmbeddingFile>()
  for (const parent of new Set(parents)) {
    const folder = join(parent, EMBEDDINGS_FOLDER)
    for (const name of await listNames(folder)) {
      const facts = await stat(join(folder, name)).catch(() => null)
      const key = wordOf(name).toLowerCase()
      if (facts?.isFile() !== true || facts.size > MAX_EMBEDDING_BYTES || found.has(key)) continue
      found.set(key, { path: join(folder, name), sizeBytes: facts.size, changedAt: facts.mtimeMs })
    }
  }
  return [...found.values()]
}

/** A file that cannot be read keeps its name: who uses it in a prompt is told why it does nothing. */
export async function readEmbeddings(files: readonly EmbeddingFile[]): Promise<FoundEmbedding[]> {
  return Promise.all(
    files.map(async ({ path }) => {
      const word = wordOf(path)
      try {
        const { vectors, hash } = await readEmbedding(path)
        const own = [...vectors.keys()].filter(key => /^<[^<>]+>$/.test(key))
        return { spellings: [word, ...own], hash, vectors }
      } catch (thrown) {
        return { spellings: [word], hash: '', vectors: toErrorPayload(thrown).message }
      }
    }),
  )
}

function wordOf(path: string): string {
  return basename(path, extname(path))
}

async function listNames(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter(name => EMBEDDING_FILE.test(name)).sort()
  } catch {
    return [] // there is no such folder
  }
}
