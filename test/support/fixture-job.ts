/** Small jobs for the tiny models of the families, for tests that run a real engine; and the pixels that come out. */
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { GenerationRequest } from '#contract/generation'
import type { Engine, EngineEvent } from '#engine/engine'
import { encodePng } from '#imaging/png-encode'
import { decodePicture, type Rgb } from '#imaging/sharp-codec'
import { starterJob } from './starter-job.ts'

const FIXTURES = join(import.meta.dirname, '../fixtures/models')

export function fixtureFolder(name: string): string {
  return join(FIXTURES, name)
}

/** Runs one picture of this model; `folder` is a scratch folder. */
export async function runFixture(
  engine: Engine,
  folder: string,
  model: string,
  changes: Partial<GenerationRequest>,
  more: { refinerFolder?: string } = {},
): Promise<{ picture: Rgb; events: EngineEvent[] }> {
  const events: EngineEvent[] = []
  const prompt = 'a red boat'
  const job = { ...starterJob(folder, { prompt, ...changes }), modelFolder: fixtureFolder(model), ...more }
  await engine.generate(job, { signal: new AbortController().signal, onEvent: event => events.push(event) })
  return { picture: await decodePicture(join(folder, '0.png')), events }
}

/** Puts a picture of waves into the folder of sources of `runFixture`; its id. */
export async function putSource(folder: string, { width, height }: { width: number; height: number }): Promise<string> {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)]
    return Math.round(127 + 80 * Math.sin(x / 5 + (i % 3)) + 40 * Math.cos(y / 7))
  })
  const bytes = await encodePng({ width, height, data })
  const id = createHash('sha256').update(bytes).digest('hex')
  await mkdir(join(folder, 'sources'), { recursive: true })
  await writeFile(join(folder, 'sources', id), bytes)
  return id
}
