/**
 * Where a written graph finds its weights: in files of the user's, by offset. ONNX Runtime opens weight files below one
 * folder only, and follows no link out of it, so that folder is the deepest one that holds all the real files.
 */
import { realpath } from 'node:fs/promises'
import { dirname, relative, sep } from 'node:path'
import { AppError } from '#contract/errors'

/** A graph in memory whose weights lie in files below `folder` (absolute). */
export interface WrittenGraph {
  bytes: Uint8Array
  folder: string
}

export interface WeightPlaces {
  folder: string
  /** As the graph has to name the file. */
  locationOf(file: string): string
}

/** `files` are absolute. Throws `model-incompatible` where no folder holds them all, as on two drives of Windows. */
export async function placeWeights(files: Iterable<string>): Promise<WeightPlaces> {
  const real = new Map<string, string>()
  for (const file of new Set(files)) real.set(file, await realpath(file))
  const folders = [...new Set([...real.values()].map(path => dirname(path)))]
  let folder = folders[0] ?? process.cwd()
  while (!folders.every(other => isInside(folder, other))) {
    const above = dirname(folder)
    if (above === folder) throw apart(folders)
    folder = above
  }
  return {
    folder,
    locationOf: file =>
      relative(folder, real.get(file) ?? file)
        .split(sep)
        .join('/'),
  }
}

function isInside(folder: string, other: string): boolean {
  return other === folder || other.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

function apart(folders: readonly string[]): AppError {
  const message = `The model's weights lie on different drives (${folders.join(', ')}). Put them on one.`
  return new AppError('model-incompatible', message, { details: { actual: folders } })
}
