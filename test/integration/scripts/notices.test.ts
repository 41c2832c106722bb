import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

it('the third-party notices name every package whose code is shipped, in its version', async () => {
  const { status, stdout } = spawnSync(process.execPath, ['scripts/notices/main.ts', '--check'], { cwd: ROOT })
  expect([status, String(stdout)]).toEqual([0, expect.stringMatching(/^\d\d packages\n$/)])
}, 240_000) // it builds the page: five seconds on a quiet machine
