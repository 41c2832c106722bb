import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Reply } from '#contract/api'
import { generationInputSchema, type GenerationInput } from '#contract/generation'
import type { JobSnapshot } from '#contract/jobs'
import { decodePicture } from '#imaging/sharp-codec'
import { createLocalEngine } from '#engine/local-engine'
import { createOrtSession } from '#pipeline/ort-session'
import { runProgram, startProgram } from '#test/run-program'
import { scratchFolder } from '#test/scratch-folder'
import { openTestApp } from '#test/test-app'

const INPUT: GenerationInput = generationInputSchema.parse({
  prompt: 'a yellow boat at sunset',
  negativePrompt: 'a cake',
  steps: 3,
  guidance: 4.5,
  seed: 90_000,
  scheduler: 'dpmpp-2m',
  sigmaSchedule: 'karras',
  width: 128,
  height: 96,
  images: 3,
})

async function pixels(file: string): Promise<Buffer> {
  return Buffer.from((await decodePicture(file)).data)
}

async function inProcess(input: GenerationInput): Promise<Buffer[]> {
  const app = await openTestApp({
    engine: createLocalEngine({ createSession: createOrtSession, now: () => performance.now() }),
  })
  const job = await app.finished((await app.api.jobs.submit(input)).id)
  expect(job).toMatchObject({ state: 'done' })
  return Promise.all(job.results.map(async id => pixels(await app.imageFile(id))))
}

async function onCommandLine({ prompt, ...rest }: GenerationInput): Promise<Buffer[]> {
  const dataFolder = await scratchFolder()
  const flags = Object.entries(rest).flatMap(([field, value]) => [
    `--${field.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
  const { code, stdout } = await runProgram(['generate', prompt, ...flags, '--out', 'x.png'], { dataFolder })
  expect(code).toBe(0)
  return Promise.all(stdout.trim().split('\n').map(pixels))
}

async function overHttp(input: GenerationInput): Promise<Buffer[]> {
  const dataFolder = await scratchFolder()
  const program = startProgram(['serve', '--port', '0'], { dataFolder })
  await expect.poll(() => program.stdout(), { timeout: 30_000 }).toMatch(/Easel is at http/)
  const url = String(/http:\S+/.exec(program.stdout())?.[0])
  const call = async (method: string, argument: unknown) => {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${url}/api/${method}`, { method: 'POST', headers, body: JSON.stringify(argument) })
    const reply = (await response.json()) as Reply<JobSnapshot>
    if (!reply.ok) throw new Error(reply.error.message)
    return reply.value
  }
  const { id } = await call('jobs.submit', input)
  await expect.poll(async () => (await call('jobs.get', { id })).state, { timeout: 30_000 }).toBe('done')
  const { results } = await call('jobs.get', { id })
  const made = await Promise.all(
    results.map(async image => {
      const served = Buffer.from(await (await fetch(`${url}/image/${image}`)).arrayBuffer())
      expect(served).toEqual(await readFile(join(dataFolder, 'images', `${image}.png`)))
      return pixels(join(dataFolder, 'images', `${image}.png`))
    }),
  )
  program.child.kill('SIGTERM')
  await program.ended
  return made
}

test('one request has the same pixels in this process, over HTTP, on the command line, and picture i is the single one with seed + i', async () => {
  const here = await inProcess(INPUT)
  expect(here).toHaveLength(3)
  expect(here[0]).toHaveLength(128 * 96 * 3)
  expect(new Set(here.map(picture => picture.toString('base64'))).size).toBe(3)
  expect(await overHttp(INPUT)).toEqual(here)
  expect(await onCommandLine(INPUT)).toEqual(here)
  expect(await inProcess({ ...INPUT, seed: 90_001, images: 1 })).toEqual([here[1]])
})
