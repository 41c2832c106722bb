/**
 * The few parts of Electron that the host uses, scriptable: emit what Electron would emit, read what was set. It opens no
 * window; that the real ones behave so is Electron's to keep and test/e2e/electron's to see.
 */
import { EventEmitter } from 'node:events'
import type { BrowserWindowConstructorOptions, MenuItemConstructorOptions, Rectangle } from 'electron'
import type { ElectronParts } from '#hosts/electron/electron-parts'

export interface FakeFrame {
  url: string
}

export class FakeContents extends EventEmitter {
  mainFrame: FakeFrame = { url: 'easel://app/' }
  readonly sent: unknown[][] = []
  reloads = 0
  openHandler: ((details: { url: string }) => { action: string }) | null = null
  isGone = false
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }) {
    this.openHandler = handler
  }
  send(...message: unknown[]) {
    this.sent.push(message)
  }
  reload() {
    this.reloads++
  }
  isDestroyed() {
    return this.isGone
  }
}

export class FakeWindow extends EventEmitter {
  readonly webContents = new FakeContents()
  readonly calls: string[] = []
  readonly options: BrowserWindowConstructorOptions
  url = ''
  bounds: Rectangle
  maximized = false
  constructor(options: BrowserWindowConstructorOptions) {
    super()
    this.options = options
    const { x = 0, y = 0, width = 0, height = 0 } = options
    this.bounds = { x, y, width, height }
  }
  loadURL(url: string) {
    this.url = url
    return Promise.resolve()
  }
  show() {
    this.calls.push('show')
  }
  focus() {
    this.calls.push('focus')
  }
  restore() {
    this.calls.push('restore')
  }
  maximize() {
    this.maximized = true
  }
  isMaximized() {
    return this.maximized
  }
  isMinimized() {
    return this.calls.includes('minimize')
  }
  getNormalBounds() {
    return this.bounds
  }
}

class FakeApp extends EventEmitter {
  isPackaged = false
  hasLock = true
  readonly calls: string[] = []
  requestSingleInstanceLock() {
    return this.hasLock
  }
  getPath(name: string) {
    return `/home/user/${name}`
  }
  whenReady() {
    return Promise.resolve()
  }
  quit() {
    this.calls.push('quit')
  }
  exit(code: number) {
    this.calls.push(`exit ${code}`)
    this.emit('exited')
  }
}

type PermissionRequest = (
  contents: null,
  permission: string,
  answer: (granted: boolean) => void,
  details: object,
) => void

export interface FakeElectron {
  /** To be passed to the host. */
  parts: ElectronParts
  app: FakeApp
  windows: FakeWindow[]
  displays: { id: number; workArea: Rectangle }[]
  /** Channel -> handler, as given to ipcMain. */
  calls: Map<string, (event: { senderFrame: FakeFrame | null }, ...rest: unknown[]) => Promise<unknown>>
  /** Scheme -> handler, as given to protocol. */
  schemes: Map<string, (request: Request) => Promise<Response>>
  privileged: string[]
  menu: MenuItemConstructorOptions[]
  errorBoxes: string[]
  /** What Electron emits when the page downloads a file. */
  session: EventEmitter
  mayUse(permission: string, url: string): { asked: boolean; checked: boolean }
}

export function createFakeElectron(): FakeElectron {
  const app = new FakeApp()
  let request: PermissionRequest = () => undefined
  let check: (contents: null, permission: string, origin: string) => boolean = () => true
  const fake: Omit<FakeElectron, 'parts'> = {
    app,
    windows: [],
    displays: [{ id: 1, workArea: { x: 0, y: 0, width: 1920, height: 1080 } }],
    calls: new Map(),
    schemes: new Map(),
    privileged: [],
    menu: [],
    errorBoxes: [],
    session: new EventEmitter(),
    mayUse(permission, url) {
      let asked = true
      request(null, permission, granted => (asked = granted), { requestingUrl: url })
      return { asked, checked: check(null, permission, url) }
    },
  }
  class BrowserWindow extends FakeWindow {
    constructor(options: BrowserWindowConstructorOptions) {
      super(options)
      fake.windows.push(this)
      app.emit('web-contents-created', {}, this.webContents)
    }
  }
  const parts = {
    app,
    BrowserWindow,
    dialog: { showErrorBox: (title: string, content: string) => void fake.errorBoxes.push(`${title}: ${content}`) },
    ipcMain: {
      handle: (channel: string, handler: never) => void fake.calls.set(channel, handler),
      removeHandler: (channel: string) => void fake.calls.delete(channel),
    },
    Menu: {
      buildFromTemplate: (template: MenuItemConstructorOptions[]) => template,
      setApplicationMenu: (menu: MenuItemConstructorOptions[]) => (fake.menu = menu),
    },
    protocol: {
      registerSchemesAsPrivileged: (schemes: { scheme: string }[]) =>
        fake.privileged.push(...schemes.map(({ scheme }) => scheme)),
      handle: (scheme: string, handler: never) => void fake.schemes.set(scheme, handler),
    },
    screen: { getPrimaryDisplay: () => fake.displays[0], getAllDisplays: () => fake.displays },
    session: {
      defaultSession: Object.assign(fake.session, {
        setPermissionRequestHandler: (handler: PermissionRequest) => (request = handler),
        setPermissionCheckHandler: (handler: typeof check) => (check = handler),
        setDevicePermissionHandler: () => undefined,
      }),
    },
  }
  return {
    ...fake,
    get menu() {
      return fake.menu
    },
    parts: parts as unknown as ElectronParts,
  }
}
