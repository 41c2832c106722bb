/** The LoRA files that are there: `.safetensors` in folders named `loras`, at any depth. Nothing is opened here. */
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'

export interface FoundLora {
  /** The file's, without its ending. */
  name: string
  /** Absolute. */
  path: string
  sizeBytes: number
  /** Milliseconds since 1970. */
  changedAt: number
}

const SUFFIX = '.safetensors'

/** Sorted by name; of files that differ only in upper and lower case the first is found. `folders` are absolute. */
export async function findLoras(folders: readonly string[]): Promise<FoundLora[]> {
  const found = new Map<string, FoundLora>()
  for (const folder of folders) {
    for (const path of await listFiles(folder)) {
      const name = basename(path).slice(0, -SUFFIX.length)
      const facts = await stat(path).catch(() => null) // a link that leads nowhere is a file that is not there
      if (facts?.isFile() !== true || name === '' || found.has(name.toLowerCase())) continue
      found.set(name.toLowerCase(), { name, path, sizeBytes: facts.size, changedAt: facts.mtimeMs })
    }
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name, 'en'))
}

async function listFiles(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder, { recursive: true })
    return names
      .filter(name => name.toLowerCase().endsWith(SUFFIX))
      .sort()
      .map(name => join(folder, name))
  } catch {
    return [] // there is no such folder
  }
}
