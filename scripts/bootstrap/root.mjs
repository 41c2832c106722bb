/** Where the checkout is, and where the user stands. npm runs every script in the package's folder and keeps the user's in INIT_CWD. */
import { realpathSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..')

/** The folder that relative paths on the command line mean: `npm --prefix ~/easel run generate -- --out a.png` writes where it was typed. */
export function userFolder(environment = process.env, workingFolder = process.cwd()) {
  const movedByNpm = environment.npm_lifecycle_event !== undefined && isSameFolder(workingFolder, ROOT)
  return (movedByNpm ? environment.INIT_CWD : undefined) ?? workingFolder
}

/** @param {string} a @param {string} b */
function isSameFolder(a, b) {
  return realpathSync(a) === realpathSync(b)
}
