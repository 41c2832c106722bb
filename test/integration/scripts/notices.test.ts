import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { findShippedPackages } from '../../../scripts/notices/shipped-packages.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

describe('the third-party notices', () => {
  it('name every package whose code is shipped, in its version (else run `node scripts/notices/main.ts`)', async () => {
    const notices = readFileSync(path.join(ROOT, 'THIRD-PARTY-NOTICES.md'), 'utf8')
    const shipped = await findShippedPackages(ROOT)
    expect(shipped.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['@vue/runtime-core', 'onnxruntime-node', 'sharp', 'zod']),
    )
    const named = shipped.map(
      ({ name, version }) =>
        `- ${name.replace(/-(linux|linuxmusl|darwin|win32)-(x64|arm64)$/, '-<platform>')} ${version} `,
    )
    expect(named.filter(line => !notices.includes(line))).toEqual([])
  })
})
