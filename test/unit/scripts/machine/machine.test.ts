import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest'
import { findChromium, findOrInstallChromium } from '../../../../scripts/machine/chromium.ts'
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

describe('installing Chromium', () => {
  /** An apt-get that notes what it was asked, and delivers when it is good. */
  const writeApt = (install: string) =>
    writeProgram('apt-get', `#!/bin/sh\necho "$@" >> ${folder}/calls\n[ "$1" = install ] && ${install}\nexit 0\n`)

  function isPossible(ctx: TestContext): void {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) ctx.skip('apt installs for root on Linux only')
    if (findChromium({ PATH: folder }).path !== null) ctx.skip("Playwright's own Chromium is here")
  }

  it('asks apt for it as root on Debian, says so once, and finds what it brought', ctx => {
    isPossible(ctx)
    writeApt(`/bin/cp ${folder}/apt-get ${folder}/chromium`)
    const lines: string[] = []
    const found = findOrInstallChromium(line => lines.push(line), { PATH: folder })
    expect(found).toEqual({ path: path.join(folder, 'chromium') })
    expect(lines).toHaveLength(1)
    expect(readFileSync(path.join(folder, 'calls'), 'utf8')).toContain('install -y --no-install-recommends chromium')
  })

  it('gives a reason when apt could not bring it', ctx => {
    isPossible(ctx)
    writeApt('exit 100')
    const { path: found, ...rest } = findOrInstallChromium(() => undefined, { PATH: folder })
    expect([found, rest]).toEqual([null, { reason: expect.stringContaining('apt could not install one') }])
  })

  it('installs nothing when EASEL_CHROMIUM was set and is wrong', () => {
    writeApt('exit 0')
    findOrInstallChromium(() => undefined, { PATH: folder, EASEL_CHROMIUM: '/nowhere' })
    expect(existsSync(path.join(folder, 'calls'))).toBe(false)
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
