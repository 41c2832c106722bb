/** Where Easel keeps what it makes: EASEL_HOME, or the place that the platform has for it. Pure. */
import { join } from 'node:path'

export interface DataFolderFacts {
  platform: NodeJS.Platform
  env: Readonly<Record<string, string | undefined>>
  /** The user's home folder. */
  home: string
}

export function dataFolderOf({ platform, env, home }: DataFolderFacts): string {
  if (isSet(env['EASEL_HOME'])) return env['EASEL_HOME']
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Easel')
  if (platform === 'win32')
    return join(isSet(env['APPDATA']) ? env['APPDATA'] : join(home, 'AppData', 'Roaming'), 'Easel')
  return join(isSet(env['XDG_DATA_HOME']) ? env['XDG_DATA_HOME'] : join(home, '.local', 'share'), 'easel')
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== ''
}
