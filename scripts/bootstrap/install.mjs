/**
 * Installs the packages when they are missing, half there, from another lock file or from another platform.
 * The usual case costs one hash and a few `stat` calls. It never touches packages that are right.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { withLock } from './lock.mjs'
import { findNodeBinary } from './node-binary.mjs'
import { withNpm } from './npm.mjs'
import { Problem, say } from './say.mjs'

const OUTPUT_LINES = 40

/** @param {string} root */
export async function ensureInstalled(root) {
  if (isInstalled(root)) return
  const lock = path.join(root, '.cache', 'install.lock')
  await withLock(
    lock,
    () => say('Another Easel command is installing packages; waiting for it.'),
    async () => {
      if (isInstalled(root)) return
      if (!isTreeComplete(root)) await install(root)
      writeFileSync(stampPath(root), fingerprint(root))
    },
  )
}

/** @param {string} root */
async function install(root) {
  const first = !existsSync(path.join(root, 'node_modules'))
  say(
    first
      ? 'Installing packages (once, about a minute).'
      : 'Installing packages again: they are not those of package-lock.json.',
  )
  rmSync(stampPath(root), { force: true })
  const { code, output } = await withNpm(root, async npm => {
    const installed = await npm(['ci', '--include=dev', '--include=optional'])
    if (installed.code !== 0 || findNodeBinary(root) !== null) return installed
    // The packages are there, but the script of the package `node` did not run: `ignore-scripts` in ~/.npmrc, for example.
    return npm(['rebuild', 'node', '--ignore-scripts=false', '--foreground-scripts'])
  })
  if (code !== 0 || findNodeBinary(root) === null) printTail(output)
  if (code !== 0) {
    throw new Problem(
      'npm could not install the packages (its output is above). Check the network and run the same command again.',
    )
  }
}

/** @param {string} root */
function isInstalled(root) {
  try {
    return readFileSync(stampPath(root), 'utf8') === fingerprint(root) && directPackages(root).every(existsSync)
  } catch {
    return false
  }
}

/**
 * Without our stamp (somebody ran npm by hand) npm's own record of what it unpacked decides: it is written last, so an
 * interrupted install has none. Optional packages may be absent if they are for other platforms.
 * @param {string} root
 */
function isTreeComplete(root) {
  if (findNodeBinary(root) === null || !directPackages(root).every(existsSync)) return false
  try {
    const wanted = readPackages(path.join(root, 'package-lock.json'))
    const present = readPackages(path.join(root, 'node_modules', '.package-lock.json'))
    return Object.entries(wanted).every(
      ([place, entry]) =>
        place === '' ||
        (present[place] === undefined ? isForOthers(entry) : present[place].integrity === entry.integrity),
    )
  } catch {
    return false
  }
}

/**
 * @typedef {object} LockEntry
 * @property {string} [integrity]
 * @property {boolean} [optional]
 * @property {string[]} [os]
 * @property {string[]} [cpu]
 * @property {string[]} [libc]
 */

/** @param {LockEntry} entry */
function isForOthers({ optional, os, cpu, libc }) {
  if (optional !== true) return false
  const isHere = fits(os, process.platform) && fits(cpu, process.arch) && fits(libc, 'glibc')
  // Without any condition it is a package of another optional one.
  return !isHere || (os === undefined && cpu === undefined)
}

/** @param {string[] | undefined} allowed @param {string} value */
function fits(allowed, value) {
  return allowed === undefined || allowed.includes(value)
}

/** @param {string} file @returns {Record<string, LockEntry>} */
function readPackages(file) {
  const lock = /** @type {{ packages: Record<string, LockEntry> }} */ (JSON.parse(readFileSync(file, 'utf8')))
  return lock.packages
}

/** @param {string} root @returns {string[]} what a half-deleted node_modules would lack */
function directPackages(root) {
  const { dependencies, devDependencies } =
    /** @type {Record<'dependencies' | 'devDependencies', Record<string, string> | undefined>} */ (
      JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
    )
  return Object.keys({ ...dependencies, ...devDependencies }).map(name =>
    path.join(root, 'node_modules', name, 'package.json'),
  )
}

/** @param {string} root */
function fingerprint(root) {
  const lock = readFileSync(path.join(root, 'package-lock.json'))
  return createHash('sha256').update(lock).update(`${process.platform}-${process.arch}`).digest('hex')
}

/** @param {string} root */
function stampPath(root) {
  return path.join(root, 'node_modules', '.easel-installed')
}

/** @param {string} output */
function printTail(output) {
  process.stderr.write(`${output.trimEnd().split('\n').slice(-OUTPUT_LINES).join('\n')}\n`)
}
