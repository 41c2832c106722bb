import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

it('the third-party notices name every package whose code is shipped, in its version', async () => {
  const check = promisify(execFile)(process.execPath, ['scripts/notices/main.ts', '--check'], { cwd: ROOT })
  const { stdout } = await check.catch((failed: { stdout: string }) => failed)
  expect(stdout).toMatch(/^\d\d packages\n$/)
})
