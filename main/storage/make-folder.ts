/** Makes a folder and the missing ones above it. Not Node's recursive mkdir: that never ends below /proc and the like. */
import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isMissing } from './storage-error.ts'

/** Throws the system's error when it cannot be made, or when something else has the name. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (thrown) {
    if (await isFolder(path)) return
    const parent = dirname(path)
    // Where the parent exists, "no such file" is the file system's way to refuse.
    if (!isMissing(thrown) || parent === path || (await isFolder(parent))) throw thrown
    await makeFolder(parent)
    await makeFolder(path)
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    facts => facts.isDirectory(),
    () => false,
  )
}
