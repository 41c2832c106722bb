/**
 * A Chromium for the browser tests and the pictures of the app: EASEL_CHROMIUM, Playwright's own, or one of the system's;
 * as root on Debian and Ubuntu the package is installed. Never a download behind the user's back.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { chromium } from '@playwright/test'

export type FoundChromium = { path: string } | { path: null; reason: string }

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge']
const MAC = ['Google Chrome', 'Chromium', 'Microsoft Edge']
const WINDOWS = ['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe']
const APT_TIMEOUT_MS = 300_000

export function findChromium(environment: NodeJS.ProcessEnv = process.env): FoundChromium {
  const named = environment.EASEL_CHROMIUM
  if (named !== undefined && named !== '') {
    if (isExecutable(named)) return { path: named }
    return { path: null, reason: `EASEL_CHROMIUM is ${named}, which is no program` }
  }
  const found = [chromium.executablePath(), ...systemPlaces(environment)].find(isExecutable)
  if (found !== undefined) return { path: found }
  return { path: null, reason: 'no Chromium on this machine (install one, or set EASEL_CHROMIUM to its path)' }
}

/** As `findChromium`, and tries apt where that is allowed without asking. `announce` gets the one line about it. */
export function findOrInstallChromium(
  announce: (line: string) => void,
  environment: NodeJS.ProcessEnv = process.env,
): FoundChromium {
  const found = findChromium(environment)
  if (found.path !== null || environment.EASEL_CHROMIUM || !canUseApt(environment)) return found
  announce('No Chromium here: installing the package "chromium" with apt.')
  const env = { ...environment, DEBIAN_FRONTEND: 'noninteractive' }
  const options = { stdio: 'ignore', timeout: APT_TIMEOUT_MS, env } as const
  spawnSync('apt-get', ['update'], options)
  spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], options)
  const installed = findChromium(environment)
  if (installed.path !== null) return installed
  return {
    path: null,
    reason: 'no Chromium on this machine, and apt could not install one (set EASEL_CHROMIUM to its path)',
  }
}

/** Arguments that every start of it needs here; the sandbox is off only where Chromium refuses to start with it. */
export function chromiumArguments(): string[] {
  const isRoot = process.getuid?.() === 0
  return ['--disable-gpu', '--disable-background-networking', ...(isRoot ? ['--no-sandbox'] : [])]
}

function systemPlaces(environment: NodeJS.ProcessEnv): string[] {
  if (process.platform === 'darwin') return MAC.map(name => `/Applications/${name}.app/Contents/MacOS/${name}`)
  if (process.platform === 'win32') {
    const roots = [environment.ProgramFiles, environment['ProgramFiles(x86)'], environment.LOCALAPPDATA]
    return roots.flatMap(root => (root === undefined ? [] : WINDOWS.map(file => path.join(root, file))))
  }
  const folders = (environment.PATH ?? '').split(path.delimiter).filter(folder => folder !== '')
  return NAMES.flatMap(name => folders.map(folder => path.join(folder, name))).filter(file => !isSnapStub(file))
}

/** Ubuntu's package is a script that tells the user to install a snap; it starts nothing in a container. */
function isSnapStub(file: string): boolean {
  if (!isExecutable(file)) return false
  return readFileSync(file).subarray(0, 4096).includes('snap install') && !existsSync('/snap/bin/chromium')
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function canUseApt(environment: NodeJS.ProcessEnv): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  try {
    execFileSync('apt-get', ['--version'], { stdio: 'ignore', env: environment })
    return true
  } catch {
    return false
  }
}
