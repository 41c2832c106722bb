/**
 * Builds the page (Vite, into dist/page) when a source of it has changed since the last build. The new page is built
 * beside the old one and takes its place by a rename, so a running server never serves half of one. What it was built from
 * is kept beside it and not in it: every file of that folder is served and packaged.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { withLock } from './lock.mjs'
import { runQuietly } from './processes.mjs'
import { Problem, say } from './say.mjs'

const SOURCES = ['renderer', 'contract', 'vite.config.ts', 'package.json', 'package-lock.json']
const STAMP = 'page-sources'

/** @param {string} root @param {string} node the Node that runs Vite */
export async function ensurePage(root, node) {
  if (isFresh(root)) return
  const lock = path.join(root, '.cache', 'page.lock')
  await withLock(
    lock,
    () => say('Another Easel command is building the page; waiting for it.'),
    async () => {
      if (isFresh(root)) return
      say('Building the page.')
      await build(root, node)
    },
  )
}

/** @param {string} root @param {string} node */
async function build(root, node) {
  const next = path.join(root, 'dist', `page-next-${process.pid}`)
  const vite = path.join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  const sources = hashSources(root) // before the build: an edit during it makes the next start build again
  try {
    const { code, output } = await runQuietly(
      node,
      [vite, 'build', '--outDir', next, '--emptyOutDir', '--logLevel', 'warn'],
      { cwd: root },
    )
    if (code !== 0) {
      process.stderr.write(`${output.trimEnd()}\n`)
      throw new Problem('The page could not be built (what Vite says is above).')
    }
    rmSync(stampPath(root), { force: true }) // or a crash between the two would leave it for another page
    replaceFolder(next, pagePath(root))
    writeFileSync(stampPath(root), sources)
  } finally {
    rmSync(next, { recursive: true, force: true })
  }
}

/** @param {string} next @param {string} place */
function replaceFolder(next, place) {
  const old = `${place}-old-${process.pid}`
  if (existsSync(place)) renameSync(place, old)
  renameSync(next, place)
  rmSync(old, { recursive: true, force: true })
}

/** @param {string} root */
function isFresh(root) {
  try {
    return (
      existsSync(path.join(pagePath(root), 'index.html')) && readFileSync(stampPath(root), 'utf8') === hashSources(root)
    )
  } catch {
    return false
  }
}

/** @param {string} root */
function pagePath(root) {
  return path.join(root, 'dist', 'page')
}

/** @param {string} root */
function stampPath(root) {
  return path.join(root, 'dist', STAMP)
}

/** @param {string} root */
function hashSources(root) {
  const hash = createHash('sha256')
  for (const file of SOURCES.flatMap(source => listFiles(root, source))) {
    hash.update(`${file}\0`).update(readFileSync(path.join(root, file)))
  }
  return hash.digest('hex')
}

/** @param {string} root @param {string} entry @returns {string[]} files under it, in a fixed order */
function listFiles(root, entry) {
  const place = path.join(root, entry)
  if (!existsSync(place)) return []
  try {
    return readdirSync(place)
      .sort()
      .flatMap(name => listFiles(root, path.join(entry, name)))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return [entry]
    throw error
  }
}
