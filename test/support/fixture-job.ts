/** Small jobs for the tiny models of the families, for tests that run a real engine; and the pixels that come out. */
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { GenerationRequest } from '#contract/generation'
import type { Engine, EngineEvent, EngineJob } from '#engine/engine'
import { encodePng } from '#imaging/png-encode'
import { decodePicture, type Rgb } from '#imaging/sharp-codec'
import { starterJob } from './starter-job.ts'

const FIXTURES = join(import.meta.dirname, '../fixtures/models')

export function fixtureFolder(name: string): string {
  return resolve(FIXTURES, name)
}

/** Runs one picture of this fixture, or of the model in this absolute folder; `folder` is a scratch folder. */
export async function runFixture(
  engine: Engine,
  folder: string,
  model: string,
  changes: Partial<GenerationRequest>,
  more: Pick<EngineJob, 'refinerFolder' | 'loras'> = {},
): Promise<{ picture: Rgb; events: EngineEvent[] }> {
  const events: EngineEvent[] = []
  const prompt = 'a red boat'
  const job = { ...starterJob(folder, { prompt, ...changes }), modelFolder: fixtureFolder(model), ...more }
  await engine.generate(job, { signal: new AbortController().signal, onEvent: event => events.push(event) })
  return { picture: await decodePicture(join(folder, '0.png')), events }
}

function waves(x: number, y: number, colour: number): number {
  return Math.round(127 + 80 * Math.sin(x / 5 + colour) + 40 * Math.cos(y / 7))
}

/** Puts a picture into the folder of sources of `runFixture`; its id. */
export async function putSource(
  folder: string,
  { width, height }: { width: number; height: number },
  valueAt: (x: number, y: number, colour: number) => number = waves,
): Promise<string> {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) =>
    valueAt(Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3),
  )
  return putBytes(folder, await encodePng({ width, height, data }))
}

/** The same for a picture's file. */
export async function putBytes(folder: string, bytes: Uint8Array): Promise<string> {
  const id = createHash('sha256').update(bytes).digest('hex')
  await mkdir(join(folder, 'sources'), { recursive: true })
  await writeFile(join(folder, 'sources', id), bytes)
  return id
}
