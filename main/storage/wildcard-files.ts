/** The lists of words that `__name__` in a prompt draws from: text files of the user's own, one entry a line, read anew each time. */
import { readdir, readFile, rm } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { isMissing, toStorageError } from './storage-error.ts'
import { writeAtomic } from './write-atomic.ts'

/** Text of each file by its name without ".txt"; folders are part of it: "places/indoor". */
export type WildcardTexts = ReadonlyMap<string, string>

const SUFFIX = '.txt'

/** `folder` is absolute; where it is missing there are no lists. */
export async function readWildcardFiles(folder: string): Promise<WildcardTexts> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    const files = entries
      .filter(entry => !entry.isDirectory() && entry.name.endsWith(SUFFIX))
      .map(entry => join(entry.parentPath, entry.name))
      .sort()
    const texts = await Promise.all(files.map(file => readFile(file, 'utf8')))
    return new Map(files.map((file, i) => [toName(relative(folder, file)), texts[i]]))
  } catch (thrown) {
    if (isMissing(thrown)) return new Map()
    throw toStorageError(thrown, 'read the lists of words in', folder)
  }
}

/** `name` has been checked: it is no way out of the folder. */
export async function writeWildcardFile(folder: string, name: string, text: string): Promise<void> {
  await writeAtomic(fileOf(folder, name), text)
}

/** A file that is gone already counts as removed. */
export async function removeWildcardFile(folder: string, name: string): Promise<void> {
  try {
    await rm(fileOf(folder, name), { force: true })
  } catch (thrown) {
    throw toStorageError(thrown, 'remove a list of words', fileOf(folder, name))
  }
}

function fileOf(folder: string, name: string): string {
  return join(folder, ...name.split('/')) + SUFFIX
}

function toName(file: string): string {
  return file.slice(0, -SUFFIX.length).split(sep).join('/')
}
