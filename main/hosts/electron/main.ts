/** Entry of the desktop app: joins Electron, the folders of this machine and the application. Everything else is in the files beside it. */
import * as electron from 'electron'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { dataFolderOf } from '../data-folder.ts'
import { openApp } from '../open-app.ts'
import { findPlaces } from './places.ts'
import { startElectron } from './start-electron.ts'

const { app } = electron
const { platform, env, resourcesPath } = process
const dataFolder = dataFolderOf({ platform, env, home: homedir() })
const places = findPlaces({ isPackaged: app.isPackaged, appPath: app.getAppPath(), resourcesPath, platform })

app.setName('Easel')
// Chromium's own files, beside Easel's; has to be said before Electron is ready.
app.setPath('userData', join(dataFolder, 'window'))

// Not awaited: Electron is ready only after this module has been evaluated, so waiting for it here would wait for ever
// (https://github.com/electron/electron/issues/40719).
void startElectron({
  electron,
  platform,
  places,
  windowStateFile: join(dataFolder, 'window', 'window.json'),
  openApp: () =>
    openApp({
      host: 'electron',
      dataFolder,
      appVersion: app.getVersion(),
      bundledModels: places.models,
      nodeBinary: places.node,
      engineEntry: places.engine,
      isJobComing: false,
      showFile: path => electron.shell.showItemInFolder(path),
    }),
})
