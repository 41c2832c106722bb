/** Providers on the real runtime: where one is not there, the processor makes the same picture and the job says so. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sayNotice } from '#contract/notices'
import { createLocalEngine } from '#engine/local-engine'
import type { Engine, EngineJob } from '#engine/engine'
import { decodePicture, type Rgb } from '#imaging/sharp-codec'
import { createOrtSession } from '#pipeline/ort-session'
import { readPictureFile } from '#storage/picture-file'
import { starterJob } from '#test/starter-job'
import { said } from '#test/said'

let engine: Engine
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-providers-'))
  engine = createLocalEngine({ createSession: createOrtSession, now: () => performance.now() })
})
afterAll(async () => {
  await engine.dispose()
  await rm(folder, { recursive: true, force: true })
})

async function make(provider: EngineJob['provider']): Promise<{ picture: Rgb; notices: string[]; inFile: string[] }> {
  const notices: string[] = []
  const [{ path }] = await engine.generate(
    { ...starterJob(folder), provider },
    {
      signal: new AbortController().signal,
      onEvent: event => {
        if (event.type === 'notice') notices.push(sayNotice(event.notice))
      },
    },
  )
  const inFile = said((await readPictureFile(path))?.info.notices ?? [])
  return { picture: await decodePicture(path), notices, inFile }
}

it('goes on with the processor where the provider is not there, and says so at every job', async () => {
  const processor = await make('auto')
  expect(processor.notices).toEqual([])
  // No system has both: DirectML belongs to Windows, CoreML to macOS.
  const foreign = process.platform === 'win32' ? 'coreml' : 'dml'
  for (const attempt of [await make(foreign), await make(foreign)]) {
    expect(attempt.notices).toEqual([expect.stringMatching(`^${foreign} cannot be used here, so the processor`)])
    expect(attempt.inFile).toEqual(attempt.notices)
    expect(Buffer.compare(attempt.picture.data, processor.picture.data)).toBe(0)
  }
})
