import { expect, test } from 'vitest'
import { dataFolderOf } from '#hosts/data-folder'

const home = '/home/u'

test.each([
  ['EASEL_HOME before everything', 'linux', { EASEL_HOME: '/e', XDG_DATA_HOME: '/x' }, '/e'],
  ['the XDG folder', 'linux', { XDG_DATA_HOME: '/x' }, '/x/easel'],
  ['the XDG default, also where the variable is empty', 'linux', { XDG_DATA_HOME: '' }, '/home/u/.local/share/easel'],
  ['Application Support', 'darwin', {}, '/home/u/Library/Application Support/Easel'],
  ['APPDATA', 'win32', { APPDATA: '/roaming' }, '/roaming/Easel'],
  ['its default', 'win32', {}, '/home/u/AppData/Roaming/Easel'],
] as const)('the data folder is %s', (_name, platform, env, expected) => {
  expect(dataFolderOf({ platform, env, home })).toBe(expected)
})
