/** The one window: sandboxed, isolated, without Node, shown when it has something to show, and where it was last time. */
import type { BrowserWindow, BrowserWindowConstructorOptions } from 'electron'
import { PAGE_ORIGIN } from '#contract/bridge'
import type { Log } from '#contract/log'
import type { ElectronParts } from './electron-parts.ts'
import { placeWindow, readWindowState, SMALLEST, writeWindowState } from './window-state.ts'

export interface WindowOptions {
  electron: Pick<ElectronParts, 'BrowserWindow' | 'screen'>
  preload: string
  stateFile: string
  log: Log
}

/** The page's darkest ground: what is seen until it has painted. */
const GROUND = '#101012'
/** A page that dies again within this time stays dead: reloading it for ever would only hide why. */
const RELOAD_PAUSE_MS = 10_000

export function openWindow({ electron, preload, stateFile, log }: WindowOptions): BrowserWindow {
  const { screen } = electron
  const primary = screen.getPrimaryDisplay()
  const displays = [primary, ...screen.getAllDisplays().filter(({ id }) => id !== primary.id)]
  const { isMaximized, ...bounds } = placeWindow(
    readWindowState(stateFile),
    displays.map(({ workArea }) => workArea),
  )
  const window = new electron.BrowserWindow({ ...bounds, ...options(preload) })
  if (isMaximized) window.maximize()
  window.once('ready-to-show', () => window.show())
  window.on('close', () => saveState(window, stateFile, log))
  reloadAfterCrash(window, log)
  void window.loadURL(`${PAGE_ORIGIN}/`)
  return window
}

function options(preload: string): BrowserWindowConstructorOptions {
  return {
    minWidth: SMALLEST.width,
    minHeight: SMALLEST.height,
    title: 'Easel',
    show: false,
    backgroundColor: GROUND,
    autoHideMenuBar: true,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      webSecurity: true,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false, // its dictionaries would be downloaded
    },
  }
}

function saveState(window: BrowserWindow, file: string, log: Log): void {
  try {
    writeWindowState(file, { ...window.getNormalBounds(), isMaximized: window.isMaximized() })
  } catch (thrown) {
    log.warn('The place of the window could not be kept', { reason: String(thrown) })
  }
}

function reloadAfterCrash(window: BrowserWindow, log: Log): void {
  let lastMs = -Infinity
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    log.error('The page has stopped', { reason, exitCode })
    const now = performance.now()
    if (reason !== 'clean-exit' && now - lastMs > RELOAD_PAUSE_MS) window.webContents.reload()
    lastMs = now
  })
}
