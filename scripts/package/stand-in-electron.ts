/**
 * A folder that looks like Electron's distribution to electron-builder, for machines where the real one cannot be had: it
 * proves what goes into the app, and starts nothing.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** Electron's binary carries its fuses behind this mark; the tool that sets them looks for it. https://github.com/electron/fuses */
const FUSE_MARK = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'
const FUSE_VERSION = 1
const FUSE_COUNT = 8

const OTHER_FILES = ['LICENSE', 'LICENSES.chromium.html', 'chrome-sandbox', 'resources.pak', 'locales/en-US.pak']

export function makeStandInElectron(folder: string, version: string): void {
  rmSync(folder, { recursive: true, force: true })
  const write = (file: string, content: string | Buffer, mode = 0o644) => {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
    writeFileSync(path.join(folder, file), content, { mode })
  }
  write('version', version)
  mkdirSync(path.join(folder, 'resources'))
  for (const file of OTHER_FILES) write(file, 'stand-in\n')
  write(process.platform === 'win32' ? 'electron.exe' : 'electron', standInBinary(), 0o755)
}

function standInBinary(): Buffer {
  const fuses = Buffer.concat([Buffer.from([FUSE_VERSION, FUSE_COUNT]), Buffer.alloc(FUSE_COUNT, '0')])
  return Buffer.concat([
    Buffer.from('#!/bin/sh\necho "This is a stand-in for Electron." >&2\nexit 1\n'),
    Buffer.from(FUSE_MARK),
    fuses,
  ])
}
