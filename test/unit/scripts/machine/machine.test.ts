import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findChromium } from '../../../../scripts/machine/chromium.ts'
import { findElectron, whyNoWindow } from '../../../../scripts/machine/electron-binary.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'easel-machine-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function writeProgram(name: string, content = '#!/bin/sh\n'): string {
  const file = path.join(folder, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, content)
  chmodSync(file, 0o755)
  return file
}

describe('finding Chromium', () => {
  it('takes EASEL_CHROMIUM before everything else', () => {
    const named = writeProgram('mine')
    writeProgram('chromium')
    expect(findChromium({ EASEL_CHROMIUM: named, PATH: folder })).toEqual({ path: named })
  })

  it('says so when EASEL_CHROMIUM names no program, instead of quietly taking another', () => {
    writeProgram('chromium')
    const named = path.join(folder, 'gone')
    expect(findChromium({ EASEL_CHROMIUM: named, PATH: folder })).toEqual({
      path: null,
      reason: `EASEL_CHROMIUM is ${named}, which is no program`,
    })
  })
})

describe('finding Electron', () => {
  it("finds the binary that the package's installer has unpacked", () => {
    const file = writeProgram('node_modules/electron/dist/electron')
    writeFileSync(path.join(folder, 'node_modules/electron/path.txt'), 'electron')
    expect(findElectron(folder, {})).toEqual({ path: file })
  })

  it('gives a reason when the package was installed without its binary', () => {
    writeProgram('node_modules/electron/index.js')
    expect(findElectron(folder, {})).toEqual({ path: null, reason: "Electron's binary is not on this machine" })
  })

  it('opens no window on a Linux without a display', () => {
    expect(whyNoWindow({}, 'linux')).toBe('there is no display here')
    expect(whyNoWindow({}, 'darwin')).toBeNull()
    expect(whyNoWindow({}, 'win32')).toBeNull()
  })
})
