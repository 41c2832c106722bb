/** The part of Electron that the host uses, as one argument: tests pass a scriptable stand-in, main.ts the real one. */
import type * as Electron from 'electron'

export type ElectronParts = Pick<
  typeof Electron,
  'app' | 'BrowserWindow' | 'dialog' | 'ipcMain' | 'Menu' | 'protocol' | 'screen' | 'session'
>
