/**
 * The bundle of Electron's main process, run whole in a plain Node against a package `electron` that keeps Electron's order:
 * it is ready only after the main module has been evaluated. The application behind it is the real one.
 */
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { expect, it } from 'vitest'
import { scratchFolder } from '#test/scratch-folder'
import { BUNDLES } from '../../../../../scripts/bundle.ts'

const ROOT = fileURLToPath(new URL('../../../../..', import.meta.url))

const STAND_IN = `
import { EventEmitter } from 'node:events'
const ready = Promise.withResolvers()
const handlers = new Map()
const say = (what, value) => console.log(JSON.stringify({ what, value }))
export const becomeReady = ready.resolve
export const app = Object.assign(new EventEmitter(), {
  isPackaged: false,
  requestSingleInstanceLock: () => true,
  getAppPath: () => process.env.CHECKOUT,
  getVersion: () => '1.2.3',
  setName: () => {},
  getPath: name => '/' + name,
  setPath: (name, value) => say(name, value),
  whenReady: () => ready.promise,
  quit: () => app.emit('will-quit', { preventDefault: () => say('held back') }),
  exit: code => { say('exit', code); process.exit(code) },
})
export const dialog = { showErrorBox: (title, content) => say(title, content) }
export const ipcMain = { handle: (channel, handler) => handlers.set(channel, handler), removeHandler: channel => handlers.delete(channel) }
export const Menu = { buildFromTemplate: template => template, setApplicationMenu: () => {} }
export const protocol = { registerSchemesAsPrivileged: () => {}, handle: () => {} }
const display = { id: 1, workArea: { x: 0, y: 0, width: 1920, height: 1080 } }
export const screen = { getPrimaryDisplay: () => display, getAllDisplays: () => [display] }
const set = () => {}
export const session = { defaultSession: { setPermissionRequestHandler: set, setPermissionCheckHandler: set, setDevicePermissionHandler: set, on: set } }
export class BrowserWindow extends EventEmitter {
  webContents = Object.assign(new EventEmitter(), { mainFrame: { url: 'easel://app/' }, send: () => {}, isDestroyed: () => false, setWindowOpenHandler: () => {} })
  async loadURL(url) {
    say('url', url)
    await new Promise(setImmediate)
    say('reply', await handlers.get('easel:call')({ senderFrame: this.webContents.mainFrame }, 'app.info', {}))
    app.quit()
  }
}
`
const DRIVER = `
import { becomeReady } from 'electron'
await import('./main.mjs')
becomeReady()
`

it('opens the application and its window, answers the page, and ends in order', async () => {
  const folder = await scratchFolder()
  await build({ ...BUNDLES[0](ROOT), outfile: path.join(folder, 'main.mjs') })
  await mkdir(path.join(folder, 'node_modules/electron'), { recursive: true })
  await writeFile(path.join(folder, 'node_modules/electron/package.json'), '{ "type": "module", "main": "index.js" }')
  await writeFile(path.join(folder, 'node_modules/electron/index.js'), STAND_IN)
  await writeFile(path.join(folder, 'driver.mjs'), DRIVER)
  const home = path.join(folder, 'home')
  const { stdout } = await promisify(execFile)(process.execPath, ['driver.mjs'], {
    cwd: folder,
    env: { ...process.env, EASEL_HOME: home, CHECKOUT: ROOT },
  })
  const said = stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { what: string; value: unknown })
  expect(said.map(({ what }) => what)).toEqual(['userData', 'url', 'reply', 'held back', 'exit'])
  expect(said[1].value).toBe('easel://app/')
  expect(said[2].value).toMatchObject({
    ok: true,
    value: { version: '1.2.3', host: 'electron', imagesFolder: path.join(home, 'images') },
  })
  expect(said[4].value).toBe(0)
})
