/**
 * Electron's binary: where it is, whether this machine can open a window with it, and fetching it with the package's own
 * installer. The npm package brings only JavaScript and types; importing it by name would start that download silently.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

export type FoundElectron = { path: string } | { path: null; reason: string }

const DOWNLOAD_TIMEOUT_MS = 300_000

export function findElectron(root: string, environment: NodeJS.ProcessEnv = process.env): FoundElectron {
  const packageFolder = path.join(root, 'node_modules', 'electron')
  const pathFile = path.join(packageFolder, 'path.txt')
  const folder = environment.ELECTRON_OVERRIDE_DIST_PATH ?? path.join(packageFolder, 'dist')
  if (existsSync(pathFile)) {
    const file = path.join(folder, readFileSync(pathFile, 'utf8').trim())
    if (existsSync(file)) return { path: file }
  }
  return { path: null, reason: "Electron's binary is not on this machine" }
}

/** Why no window can open here although the binary may be there; null when one can. */
export function whyNoWindow(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string | null {
  if (platform !== 'linux') return null
  if (!environment.DISPLAY && !environment.WAYLAND_DISPLAY) return 'there is no display here'
  if (process.getuid?.() === 0) return 'Chromium opens no window for root'
  return null
}

/** Runs the package's installer under this Node; its cache makes a second call cheap. */
export async function downloadElectron(root: string): Promise<FoundElectron> {
  const installer = path.join(root, 'node_modules', 'electron', 'install.js')
  const child = spawn(process.execPath, [installer], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', chunk => (said += String(chunk)))
  const timer = setTimeout(() => child.kill('SIGKILL'), DOWNLOAD_TIMEOUT_MS)
  await once(child, 'close')
  clearTimeout(timer)
  const found = findElectron(root)
  if (found.path !== null) return found
  return { path: null, reason: `Electron's binary could not be downloaded (${shorten(said)})` }
}

function shorten(said: string): string {
  const line = said.split('\n').find(candidate => candidate.trim() !== '')
  return line === undefined ? 'it took too long' : line.trim().slice(0, 120)
}
