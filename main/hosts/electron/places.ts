/** Where the parts of the application lie: in the checkout during development, in the installed app's resources otherwise. */
import { join } from 'node:path'

export interface Places {
  /** Folder of the built page. */
  page: string
  preload: string
  /** Models that come with the application. */
  models: string
  /** The plain Node that runs the engine: never Electron's binary (its allocator ends any process that asks for 2 GiB at once). */
  node: string
  /** The engine process' entry. */
  engine: string
}

export interface Install {
  isPackaged: boolean
  /** `app.getAppPath()`: the checkout, or .../resources/app.asar. */
  appPath: string
  /** `process.resourcesPath`; used only when packaged. */
  resourcesPath: string
  platform: NodeJS.Platform
}

export function findPlaces({ isPackaged, appPath, resourcesPath, platform }: Install): Places {
  const nodeFile = platform === 'win32' ? 'node.exe' : 'node'
  const shared = { page: join(appPath, 'dist/page'), preload: join(appPath, 'dist/preload/preload.cjs') }
  if (!isPackaged) {
    return {
      ...shared,
      models: join(appPath, 'models'),
      node: join(appPath, 'node_modules/node/bin', nodeFile),
      engine: join(appPath, 'dist/engine/engine-process.mjs'),
    }
  }
  return {
    ...shared,
    models: join(resourcesPath, 'models'),
    node: join(resourcesPath, 'node', nodeFile),
    // A plain Node cannot look into an asar archive: the engine and its packages are unpacked beside it.
    engine: join(resourcesPath, 'app.asar.unpacked/dist/engine/engine-process.mjs'),
  }
}
