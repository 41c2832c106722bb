/** The Node that runs Easel: the one that the npm package `node` brings, so that every machine runs the same version. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { Problem } from './say.mjs'

/** The first version that strips types, carries node:sqlite and has Float16Array without flags. */
const ENOUGH = 24

/** @param {string} root @returns {string | null} */
export function findNodeBinary(root) {
  const folder = path.join(root, 'node_modules', 'node', 'bin')
  const file = path.join(folder, process.platform === 'win32' ? 'node.exe' : 'node')
  return existsSync(file) ? file : null
}

/** @param {string} root @returns {string} */
export function findNode(root) {
  const own = findNodeBinary(root)
  if (own !== null) return own
  if (Number(process.versions.node.split('.')[0]) >= ENOUGH) return process.execPath
  throw new Problem(
    `The package "node" brought no Node for ${process.platform}-${process.arch}, and this one is ${process.version}. ` +
      `Run "npm rebuild node", or use Node ${ENOUGH} or newer for this command.`,
  )
}
