/**
 * The life of the desktop app: one instance, one window, the application behind it, an orderly end. It is an adapter:
 * what the application is comes in as `openApp`.
 */
import type { BrowserWindow } from 'electron'
import { toErrorPayload } from '#contract/errors'
import type { OpenedApp } from '../open-app.ts'
import { readPageFiles } from '../server/page-files.ts'
import type { ElectronParts } from './electron-parts.ts'
import { connectIpc } from './ipc.ts'
import { lockDownContents, lockDownSession } from './lock-down.ts'
import { createMenuTemplate } from './menu.ts'
import type { Places } from './places.ts'
import { createProtocolHandler, SCHEME } from './protocol.ts'
import { askWhereToSave } from './save-dialog.ts'
import { openWindow } from './window.ts'

export interface ElectronHostOptions {
  electron: ElectronParts
  platform: NodeJS.Platform
  places: Places
  /** JSON file that keeps the window's place. */
  windowStateFile: string
  openApp(): Promise<OpenedApp>
}

/** What an orderly end may take before the process ends anyway. */
const CLOSE_MS = 10_000

/** To be called before Electron is ready. Resolves when the window is open, or at once in a second instance, which quits. */
export async function startElectron(options: ElectronHostOptions): Promise<void> {
  const { app, protocol, dialog } = options.electron
  if (!app.requestSingleInstanceLock()) {
    app.quit()
    return
  }
  protocol.registerSchemesAsPrivileged([SCHEME])
  // Every web contents there will ever be, also one that nobody meant to create.
  app.on('web-contents-created', (_event, contents) => lockDownContents(contents))
  await app.whenReady()
  try {
    await openHost(options, await options.openApp())
  } catch (thrown) {
    dialog.showErrorBox('Easel could not start', toErrorPayload(thrown).message)
    app.exit(1)
  }
}

async function openHost(options: ElectronHostOptions, opened: OpenedApp): Promise<void> {
  const { electron, platform, places, windowStateFile: stateFile } = options
  const { app } = electron
  const { app: easel, log } = opened
  let window: BrowserWindow | null = null

  function showWindow(): void {
    if (window !== null) {
      if (window.isMinimized()) window.restore()
      window.focus()
      return
    }
    window = openWindow({ electron, preload: places.preload, stateFile, log })
    window.on('closed', () => {
      window = null
    })
  }

  lockDownSession(electron.session.defaultSession)
  askWhereToSave(electron.session.defaultSession, app.getPath('pictures'))
  const page = await readPageFiles(places.page)
  electron.protocol.handle(
    SCHEME.scheme,
    createProtocolHandler({
      page,
      imageFile: id => easel.imageFile(id),
      thumbnailFile: id => easel.thumbnailFile(id),
    }),
  )
  electron.Menu.setApplicationMenu(electron.Menu.buildFromTemplate(createMenuTemplate(platform, app.isPackaged)))
  const disconnect = connectIpc({
    ipcMain: electron.ipcMain,
    app: easel,
    findContents: () => window?.webContents ?? null,
  })
  app.on('second-instance', showWindow)
  app.on('activate', showWindow)
  app.on('window-all-closed', () => {
    if (platform !== 'darwin') app.quit()
  })
  closeBeforeQuit(app, opened, disconnect)
  showWindow()
}

/** Holds the end back until the engine has stopped and the database is closed. */
function closeBeforeQuit(app: ElectronParts['app'], { close, log }: OpenedApp, disconnect: () => void): void {
  let isClosing = false
  app.on('will-quit', event => {
    event.preventDefault()
    if (isClosing) return
    isClosing = true
    disconnect()
    const timeout = setTimeout(() => app.exit(0), CLOSE_MS)
    close()
      .catch((thrown: unknown) => log.error('The application did not stop in order', { reason: String(thrown) }))
      .finally(() => {
        clearTimeout(timeout)
        app.exit(0)
      })
  })
}
