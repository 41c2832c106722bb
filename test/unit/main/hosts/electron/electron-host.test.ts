import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AppEvent } from '#contract/api'
import { CALL_CHANNEL, EVENT_CHANNEL } from '#contract/bridge'
import { AppError } from '#contract/errors'
import { startElectron } from '#hosts/electron/start-electron'
import { findPlaces } from '#hosts/electron/places'
import type { OpenedApp } from '#hosts/open-app'
import type { App } from '#services/create-app'
import { createFakeElectron, FakeContents, type FakeElectron, type FakeWindow } from '#test/fake-electron'
import { createSilentLog } from '#test/silent-log'

let folder: string
let electron: FakeElectron
let emit: (event: AppEvent) => void
let isClosed: boolean

/** An application of which the host needs only that it is there. */
function createToyApp(): App {
  const listeners = new Set<(event: AppEvent) => void>()
  emit = event => listeners.forEach(listener => listener(event))
  const api = { settings: { get: () => Promise.resolve({ theme: 'dark' }) } }
  return {
    api: api as unknown as App['api'],
    events: {
      subscribe(listener) {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
    },
    imageFile(id) {
      if (id === 'known') return Promise.resolve(path.join(folder, 'known.png'))
      return Promise.reject(new AppError('not-found', `There is no picture "${id}".`))
    },
    thumbnailFile(id) {
      if (id === 'known') return Promise.resolve({ path: path.join(folder, 'known.webp'), isFinal: true })
      return Promise.resolve({ path: path.join(folder, 'known.png'), isFinal: false })
    },
    dispose: () => Promise.resolve(),
  }
}

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'easel-electron-'))
  mkdirSync(path.join(folder, 'dist/page/assets'), { recursive: true })
  writeFileSync(path.join(folder, 'dist/page/index.html'), '<!doctype html><title>Easel</title>')
  writeFileSync(path.join(folder, 'dist/page/assets/main-x1.js'), 'export {}')
  writeFileSync(path.join(folder, 'known.png'), 'pixels')
  writeFileSync(path.join(folder, 'known.webp'), 'few')
  electron = createFakeElectron()
  isClosed = false
})
afterEach(() => rmSync(folder, { recursive: true }))

function openToyApp(): Promise<OpenedApp> {
  const log = { ...createSilentLog(), flush: () => Promise.resolve() }
  return Promise.resolve({
    app: createToyApp(),
    log,
    close() {
      isClosed = true
      return Promise.resolve()
    },
  })
}

async function start(platform: NodeJS.Platform = 'linux', openApp = openToyApp): Promise<void> {
  await startElectron({
    electron: electron.parts,
    platform,
    places: findPlaces({ isPackaged: false, appPath: folder, resourcesPath: '', platform }),
    windowStateFile: path.join(folder, 'window.json'),
    openApp,
  })
}

function onlyWindow(): FakeWindow {
  expect(electron.windows).toHaveLength(1)
  const [window] = electron.windows
  return window
}

async function callFrom(senderFrame: { url: string } | null, method: unknown = 'settings.get', argument: unknown = {}) {
  const handler = electron.calls.get(CALL_CHANNEL)
  if (handler === undefined) throw new Error('nothing handles calls')
  return handler({ senderFrame }, method, argument)
}

async function load(url: string, init?: RequestInit): Promise<Response> {
  const handler = electron.schemes.get('easel')
  if (handler === undefined) throw new Error('nothing handles easel://')
  return handler(new Request(url, init))
}

/** Emits an event that Electron lets listeners prevent; true when one did. */
function isPrevented(contents: FakeContents, event: string, facts: object): boolean {
  const preventDefault = vi.fn()
  contents.emit(event, { ...facts, preventDefault })
  return preventDefault.mock.calls.length > 0
}

describe('the window', () => {
  it('is sandboxed, isolated and without Node, and loads the page from its own protocol', async () => {
    await start()
    const { options, url } = onlyWindow()
    expect(options.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      webSecurity: true,
      webviewTag: false,
    })
    expect(options.webPreferences?.preload).toBe(path.join(folder, 'dist/preload/preload.cjs'))
    expect(url).toBe('easel://app/')
    expect(electron.privileged).toEqual(['easel'])
  })

  it('is shown when there is something to see', async () => {
    await start()
    expect(onlyWindow().calls).toEqual([])
    onlyWindow().emit('ready-to-show')
    expect(onlyWindow().calls).toEqual(['show'])
  })

  it('comes back where it was closed', async () => {
    await start()
    onlyWindow().bounds = { x: 100, y: 50, width: 900, height: 700 }
    onlyWindow().maximized = true
    onlyWindow().emit('close')
    electron = createFakeElectron()
    await start()
    expect(onlyWindow().options).toMatchObject({ x: 100, y: 50, width: 900, height: 700 })
    expect(onlyWindow().maximized).toBe(true)
    expect(JSON.parse(readFileSync(path.join(folder, 'window.json'), 'utf8'))).toMatchObject({ isMaximized: true })
  })

  it('is loaded again after its page crashed, but not over and over', async () => {
    await start()
    const { webContents } = onlyWindow()
    webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 5 })
    webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 5 })
    expect(webContents.reloads).toBe(1)
  })
})

describe('the page may not', () => {
  it('leave its origin', async () => {
    await start()
    const { webContents } = onlyWindow()
    for (const url of [
      'https://example.org/',
      'file:///etc/passwd',
      'easel://app.evil/',
      'easel://other/',
      'javascript:1',
    ]) {
      expect(isPrevented(webContents, 'will-navigate', { url })).toBe(true)
    }
    expect(isPrevented(webContents, 'will-navigate', { url: 'easel://app/' })).toBe(false)
    expect(isPrevented(webContents, 'will-frame-navigate', { url: 'easel://app/', isMainFrame: false })).toBe(true)
    expect(isPrevented(webContents, 'will-redirect', { url: 'easel://app/' })).toBe(true)
    expect(isPrevented(webContents, 'will-attach-webview', {})).toBe(true)
  })

  it('open a window', async () => {
    await start()
    expect(onlyWindow().webContents.openHandler?.({ url: 'easel://app/' })).toEqual({ action: 'deny' })
  })

  it('use what needs a permission, except to write text to the clipboard', async () => {
    await start()
    for (const permission of ['media', 'geolocation', 'notifications', 'clipboard-read', 'openExternal', 'hid']) {
      expect(electron.mayUse(permission, 'easel://app/')).toEqual({ asked: false, checked: false })
    }
    expect(electron.mayUse('clipboard-sanitized-write', 'easel://app/')).toEqual({ asked: true, checked: true })
    expect(electron.mayUse('clipboard-sanitized-write', 'https://example.org/')).toEqual({
      asked: false,
      checked: false,
    })
  })

  it('do any of it in web contents that something else has created', async () => {
    await start()
    const stray = new FakeContents()
    electron.app.emit('web-contents-created', {}, stray)
    expect(isPrevented(stray, 'will-navigate', { url: 'https://example.org/' })).toBe(true)
    expect(stray.openHandler?.({ url: 'https://example.org/' })).toEqual({ action: 'deny' })
  })
})

describe('calls', () => {
  it("from the window's own frame reach the application", async () => {
    await start()
    const { mainFrame } = onlyWindow().webContents
    expect(await callFrom(mainFrame)).toEqual({ ok: true, value: { theme: 'dark' } })
  })

  it('from any other frame are refused, also one with the right address', async () => {
    await start()
    const refused = { ok: false, error: { code: 'invalid-input', message: 'This frame may not call Easel.' } }
    expect(await callFrom({ url: 'easel://app/' })).toEqual(refused)
    expect(await callFrom(null)).toEqual(refused)
  })

  it("from the window's frame are refused while it shows something else", async () => {
    await start()
    const { webContents } = onlyWindow()
    webContents.mainFrame.url = 'https://example.org/'
    expect(await callFrom(webContents.mainFrame)).toMatchObject({ ok: false })
  })

  it('with a wrong method or argument are answered with an error, not thrown', async () => {
    await start()
    const { mainFrame } = onlyWindow().webContents
    expect(await callFrom(mainFrame, 'settings.__proto__')).toMatchObject({ ok: false, error: { code: 'not-found' } })
    expect(await callFrom(mainFrame, 7)).toMatchObject({ ok: false, error: { code: 'invalid-input' } })
    expect(await callFrom(mainFrame, 'settings.get', { x: 1 })).toMatchObject({
      ok: false,
      error: { code: 'invalid-input' },
    })
  })

  it('are joined by events, as long as there is a page to hear them', async () => {
    await start()
    const { webContents } = onlyWindow()
    emit({ type: 'images-removed', ids: ['a'] })
    webContents.isGone = true
    emit({ type: 'images-removed', ids: ['b'] })
    expect(webContents.sent).toEqual([[EVENT_CHANNEL, { type: 'images-removed', ids: ['a'] }]])
  })
})

describe('the protocol', () => {
  it('serves the built page under a policy without inline code', async () => {
    await start()
    const response = await load('easel://app/')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(response.headers.get('content-security-policy')).toContain("script-src 'self'")
    expect(response.headers.get('content-security-policy')).not.toContain('unsafe')
    expect(await response.text()).toContain('<title>Easel</title>')
    expect((await load('easel://app/assets/main-x1.js')).headers.get('cache-control')).toContain('immutable')
  })

  it('serves a picture by its id', async () => {
    await start()
    const response = await load('easel://app/image/known')
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      200,
      'image/png',
      'pixels',
    ])
    const missing = await load('easel://app/image/unknown')
    expect([missing.status, await missing.text()]).toEqual([404, 'There is no picture "unknown".'])
  })

  it('serves thumbnails to be kept, and pictures that stand in for them not to be', async () => {
    await start()
    const small = await load('easel://app/thumbnail/known')
    expect([small.headers.get('content-type'), await small.text()]).toEqual(['image/webp', 'few'])
    expect(small.headers.get('cache-control')).toContain('immutable')
    const standIn = await load('easel://app/thumbnail/other')
    expect([standIn.headers.get('content-type'), standIn.headers.get('cache-control')]).toEqual([
      'image/png',
      'no-store',
    ])
  })

  it.each([
    'easel://app/../known.png',
    'easel://app/%2e%2e/known.png',
    'easel://app/..%2fknown.png',
    'easel://app/image/..%2f..%2fetc%2fpasswd',
    'easel://app/%E0%A4%A',
    'easel://elsewhere/',
  ])('finds nothing at %s', async url => {
    await start()
    expect((await load(url)).status).toBe(404)
  })

  it('refuses to be written to', async () => {
    await start()
    expect((await load('easel://app/', { method: 'POST', body: 'x' })).status).toBe(405)
  })

  it('says how to build the page when there is none', async () => {
    rmSync(path.join(folder, 'dist/page'), { recursive: true })
    await start()
    const response = await load('easel://app/')
    expect([response.status, await response.text()]).toEqual([503, expect.stringContaining('npm start')])
  })
})

describe('the life of the app', () => {
  it('is one: a second instance leaves, and the first comes to the front', async () => {
    await start()
    onlyWindow().calls.push('minimize')
    electron.app.emit('second-instance')
    expect(onlyWindow().calls).toEqual(['minimize', 'restore', 'focus'])

    electron = createFakeElectron()
    electron.app.hasLock = false
    await start()
    expect(electron.app.calls).toEqual(['quit'])
    expect(electron.windows).toEqual([])
  })

  it('ends with its window, except on macOS, where the dock opens a new one', async () => {
    await start('linux')
    electron.app.emit('window-all-closed')
    expect(electron.app.calls).toEqual(['quit'])

    electron = createFakeElectron()
    await start('darwin')
    onlyWindow().emit('closed')
    electron.app.emit('window-all-closed')
    expect(electron.app.calls).toEqual([])
    electron.app.emit('activate')
    expect(electron.windows).toHaveLength(2)
  })

  it('waits for the application to stop before it ends', async () => {
    await start()
    const preventDefault = vi.fn()
    const exited = once(electron.app, 'exited')
    electron.app.emit('will-quit', { preventDefault })
    electron.app.emit('will-quit', { preventDefault })
    await exited
    expect(preventDefault).toHaveBeenCalledTimes(2)
    expect(isClosed).toBe(true)
    expect(electron.app.calls).toEqual(['exit 0'])
    expect(electron.calls.size).toBe(0)
  })

  it('says why in a dialog and ends when the application cannot be opened', async () => {
    await start('linux', () => Promise.reject(new AppError('storage-corrupt', 'The data folder cannot be read.')))
    expect(electron.errorBoxes).toEqual(['Easel could not start: The data folder cannot be read.'])
    expect(electron.app.calls).toEqual(['exit 1'])
    expect(electron.windows).toEqual([])
  })

  it('offers the developer tools only in a checkout', async () => {
    await start()
    expect(JSON.stringify(electron.menu)).toContain('toggleDevTools')
    electron = createFakeElectron()
    electron.app.isPackaged = true
    await start()
    expect(JSON.stringify(electron.menu)).not.toContain('toggleDevTools')
  })
})

describe('the places of an installed app', () => {
  it('put the engine where a plain Node can read it, and take that Node from the resources', () => {
    const install = { isPackaged: true, appPath: '/a/resources/app.asar', resourcesPath: '/a/resources' }
    expect(findPlaces({ ...install, platform: 'linux' })).toEqual({
      page: '/a/resources/app.asar/dist/page',
      preload: '/a/resources/app.asar/dist/preload/preload.cjs',
      models: '/a/resources/models',
      node: '/a/resources/node/node',
      engine: '/a/resources/app.asar.unpacked/dist/engine/engine-process.mjs',
    })
    expect(findPlaces({ ...install, platform: 'win32' }).node).toMatch(/node\.exe$/)
  })
})

describe('saving a picture', () => {
  function download(fileName: string) {
    const listeners: ((event: object, state: string) => void)[] = []
    const item = {
      options: {} as { defaultPath?: string },
      savePath: '',
      getFilename: () => fileName,
      getSavePath: () => item.savePath,
      setSaveDialogOptions: (options: { defaultPath?: string }) => (item.options = options),
      once: (_event: string, listener: (event: object, state: string) => void) => listeners.push(listener),
    }
    electron.session.emit('will-download', {}, item)
    return { item, end: (state: string) => listeners.forEach(listener => listener({}, state)) }
  }

  it('asks where to, first in the folder of pictures, then where the last one went', async () => {
    await start()
    const first = download('a.png')
    expect(first.item.options.defaultPath).toBe(path.join('/home/user/pictures', 'a.png'))
    first.item.savePath = path.join('/elsewhere', 'fox.png')
    first.end('completed')
    const second = download('b.png')
    expect(second.item.options.defaultPath).toBe(path.join('/elsewhere', 'b.png'))
    second.end('cancelled')
    expect(download('c.png').item.options.defaultPath).toBe(path.join('/elsewhere', 'c.png'))
  })
})
