/**
 * npm as the bootstrap runs it: the one that runs us or the one on the PATH, under a Node that is new enough. npm leaves
 * out optional packages (among them the native part of sharp) whose `engines` do not fit the Node that runs npm, and says
 * nothing; so an older Node first fetches the one that Easel runs on, and npm runs on that.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { findNodeBinary } from './node-binary.mjs'
import { runQuietly } from './processes.mjs'

/**
 * @typedef {{ code: number, output: string }} Ended
 * @typedef {(argumentList: string[]) => Promise<Ended>} Npm
 */

const QUIET = ['--no-audit', '--no-fund', '--loglevel=error']

/**
 * Runs `work` with an npm for this checkout.
 * @param {string} root
 * @param {(npm: Npm) => Promise<Ended>} work
 * @returns {Promise<Ended>}
 */
export async function withNpm(root, work) {
  if (canRunNpm(process.versions.node)) return work(npmUnder(process.execPath, root))
  const folder = path.join(root, '.cache', 'node')
  try {
    const fetched = await fetchNode(root, folder)
    const node = findNodeBinary(folder)
    return node === null ? { ...fetched, code: fetched.code || 1 } : await work(npmUnder(node, root))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Whether npm under this Node installs every optional package: what they ask for is ^20.19 or >= 22.12. */
export function canRunNpm(/** @type {string} */ version) {
  const [major, minor] = version.split('.').map(Number)
  return (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22
}

/** @param {string} root @param {string} folder @returns {Promise<Ended>} */
async function fetchNode(root, folder) {
  const { dependencies } = /** @type {{ dependencies: Record<string, string> }} */ (
    JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  )
  mkdirSync(folder, { recursive: true })
  const manifest = { private: true, dependencies: { node: dependencies.node }, allowScripts: { node: true } }
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest))
  return npmUnder(process.execPath, folder)(['install', '--no-package-lock', '--ignore-scripts=false'])
}

/** @param {string} node @param {string} cwd @returns {Npm} */
function npmUnder(node, cwd) {
  const running = process.env.npm_execpath
  const isNpm = running !== undefined && /npm-cli\.[cm]?js$/.test(running) && existsSync(running)
  const env = {
    ...process.env,
    // npm's own start file and the scripts of packages take the first Node on the PATH.
    PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}`,
    // onnxruntime-node's install script would download CUDA libraries. npm 11 does not run it (allowScripts), older ones do.
    ONNXRUNTIME_NODE_INSTALL: 'skip',
  }
  const shell = !isNpm && process.platform === 'win32' // npm.cmd starts only through a shell
  return argumentList =>
    runQuietly(isNpm ? node : 'npm', [...(isNpm ? [running] : []), ...argumentList, ...QUIET], { cwd, env, shell })
}
