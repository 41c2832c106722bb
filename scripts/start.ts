/**
 * `npm start`: the Electron window, where this machine can open one; else the same app in the browser, at an address that
 * the server prints. `--browser` goes there at once; other arguments go to whichever is started.
 */
import path from 'node:path'
import { handOver, runQuietly } from './bootstrap/processes.mjs'
import { ROOT } from './bootstrap/root.mjs'
import { Problem, say } from './bootstrap/say.mjs'
import { bundleApp } from './bundle.ts'
import { downloadElectron, findElectron, whyNoWindow, type FoundElectron } from './machine/electron-binary.ts'

const BROWSER = '--browser'
const rest = process.argv.slice(2).filter(argument => argument !== BROWSER)

try {
  process.exitCode = await start()
} catch (error) {
  if (!(error instanceof Problem)) throw error
  say(error.message)
  process.exitCode = error.exitCode
}

async function start(): Promise<number> {
  const electron = process.argv.includes(BROWSER)
    ? { path: null, reason: 'The browser was asked for' }
    : await findWindow()
  if (electron.path !== null) {
    await bundleApp(ROOT)
    return handOver(electron.path, [ROOT, ...rest], { cwd: ROOT })
  }
  say(`${electron.reason}: serving the same app to your browser instead.`)
  const cli = path.join(ROOT, 'main/hosts/cli/main.ts')
  return handOver(process.execPath, [cli, 'serve', '--open', ...rest], { cwd: ROOT })
}

/** Electron's binary, fetched if need be, and proved to start here. */
async function findWindow(): Promise<FoundElectron> {
  const obstacle = whyNoWindow()
  if (obstacle !== null) return { path: null, reason: `No Electron window, because ${obstacle}` }
  let electron = findElectron(ROOT)
  if (electron.path === null) {
    say('Fetching Electron (once, about 110 MB).')
    electron = await downloadElectron(ROOT)
  }
  if (electron.path === null) return electron
  const { code, output } = await runQuietly(electron.path, ['--version'], { cwd: ROOT })
  if (code === 0) return electron
  const [line = `exit code ${code}`] = output.trim().split('\n')
  return { path: null, reason: `Electron does not start here (${line.slice(0, 160)})` }
}
