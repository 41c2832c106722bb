/** The identities of models and autoencoders: their files are read once, and what was read is remembered between runs. */
import { basename } from 'node:path'
import type { Log } from '#contract/log'
import { readModelFacts } from '#catalog/model-facts'
import { autoencoderFiles, findModelHash, hashModel, hashOnce, type HashOptions } from '#catalog/model-hash'
import { openFileHashes, type FileHashes } from '#storage/file-hashes'

export interface ModelHashes {
  /** Of the files in a model's folder (absolute); reads them all the first time, 0.5 GB a second. Throws `cancelled` on abort. */
  ofModel(folder: string, signal: AbortSignal): Promise<string>
  /** The same over those of its autoencoder alone. */
  ofAutoencoder(folder: string, signal: AbortSignal): Promise<string>
  /** Of one file (absolute path) by its content alone. */
  ofFile(path: string, signal: AbortSignal): Promise<string>
  /** That of a model as far as it is known without reading; null where it is not. */
  find(folder: string): Promise<string | null>
}

/** `file` (absolute) keeps them. */
export function createModelHashes(file: string, log: Log): ModelHashes {
  let opened: Promise<FileHashes> | null = null
  const open = (): Promise<FileHashes> => (opened ??= openFileHashes(file))

  async function keeping(read: (options: HashOptions) => Promise<string>, signal: AbortSignal): Promise<string> {
    const cache = await open()
    const found = await read({ cache, signal })
    await cache.save().catch((thrown: unknown) => {
      log.warn('The hashes of model files could not be kept', { reason: String(thrown) }) // they are read again next time
    })
    return found
  }
  const hash = (folder: string, files: Iterable<string>, signal: AbortSignal): Promise<string> =>
    keeping(options => hashModel(folder, files, options), signal)

  return {
    ofFile: (path, signal) => keeping(options => hashOnce(path, basename(path), options), signal),
    async ofModel(folder, signal) {
      const { root, files } = await readModelFacts(folder)
      return hash(root, files.keys(), signal)
    },
    async ofAutoencoder(folder, signal) {
      const { root, files } = await readModelFacts(folder)
      return hash(root, autoencoderFiles(files.keys()), signal)
    },
    async find(folder) {
      const { root, files } = await readModelFacts(folder)
      return findModelHash(root, files.keys(), await open())
    },
  }
}
