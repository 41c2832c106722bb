/** The packaged app around a stand-in for Electron: what is inside, and that its engine makes pictures with what is inside. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GENERATION_DEFAULTS } from '#contract/generation'
import { createRemoteEngine } from '#engine/remote-engine'
import { findPlaces } from '#hosts/electron/places'
import { forkEngine } from '#hosts/fork-engine'
import { createSilentLog } from '#test/silent-log'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
/** Builds the page, three bundles and the app; ten seconds on a quiet machine. */
const PACKAGE_TIMEOUT_MS = 240_000
const UNPACKED = { linux: 'linux-unpacked/resources', win32: 'win-unpacked/resources' }

let output: string
let said: string
beforeAll(async () => {
  output = mkdtempSync(path.join(tmpdir(), 'easel package '))
  const options = ['scripts/bootstrap.mjs', 'package', '--dir', '--stand-in', '--output', output]
  said = (await promisify(execFile)(process.execPath, options, { cwd: ROOT })).stdout
}, PACKAGE_TIMEOUT_MS)
afterAll(() => rmSync(output, { recursive: true, force: true }))

describe.skipIf(process.platform === 'darwin')('the packaged app (a stand-in for a macOS bundle is not made)', () => {
  it('holds everything needed and nothing else', () => {
    expect(said).toContain('everything needed is inside, and nothing else')
  })

  it('makes a picture with its own Node, engine and model', async () => {
    const resources = path.join(output, UNPACKED[process.platform === 'win32' ? 'win32' : 'linux'])
    const {
      node,
      engine: entry,
      models,
    } = findPlaces({
      isPackaged: true,
      appPath: path.join(resources, 'app.asar'),
      resourcesPath: resources,
      platform: process.platform,
    })
    const log = createSilentLog()
    const engine = createRemoteEngine({ fork: () => forkEngine({ nodeBinary: node, entry }), log })
    try {
      const file = path.join(output, 'picture.png')
      const prompt = 'a red apple on a blue background'
      const request = { ...GENERATION_DEFAULTS, model: 'starter', prompt, width: 128, height: 96, steps: 2, seed: 7 }
      await engine.generate(
        {
          id: 'job',
          modelFolder: path.join(models, 'starter'),
          request,
          sourcesFolder: models,
          outputs: [file],
          appVersion: '1',
          threads: 0,
          provider: 'auto',
          memoryMb: 0,
          relief: [],
        },
        { signal: new AbortController().signal, onEvent: () => undefined },
      )
      const png = await readFile(file)
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([128, 96])
    } finally {
      await engine.dispose()
    }
  })
})
