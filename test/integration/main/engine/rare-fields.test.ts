/** Settings that only some kinds of models know, from the request to the picture. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { resolveEdit } from '#contract/edit'
import type { Engine } from '#engine/engine'
import { createLocalEngine } from '#engine/local-engine'
import { createOrtSession } from '#pipeline/ort-session'
import { putSource, runFixture } from '#test/fixture-job'
import { scratchFolder } from '#test/scratch-folder'

let engine: Engine
beforeAll(() => {
  engine = createLocalEngine({ createSession: createOrtSession, now: () => performance.now() })
})
afterAll(() => engine.dispose())

it('guides a model with guidance built in by a negative prompt when true guidance is asked for', async () => {
  const folder = await scratchFolder()
  const flow = { scheduler: 'flow-match-euler', width: 64, height: 96, steps: 2, guidance: 3 } as const
  const flux = async (changes: object) =>
    (await runFixture(engine, folder, 'flux/tiny-flux-dev', { ...flow, ...changes })).picture.data
  const plain = await flux({})
  expect(Buffer.compare(await flux({ negativePrompt: 'blue' }), plain)).toBe(0)
  const guided = await flux({ trueGuidance: 4 })
  expect(Buffer.compare(guided, plain)).not.toBe(0)
  expect(Buffer.compare(await flux({ trueGuidance: 4, negativePrompt: 'blue' }), guided)).not.toBe(0)
})

it('spaces the steps of a consistency model on the schedule that is asked for', async () => {
  const folder = await scratchFolder()
  const lcm = async (changes: object) =>
    (await runFixture(engine, folder, 'lcm', { scheduler: 'lcm', steps: 3, ...changes })).picture.data
  const plain = await lcm({})
  expect(Buffer.compare(await lcm({ originalSteps: 50 }), plain)).toBe(0)
  expect(Buffer.compare(await lcm({ originalSteps: 20 }), plain)).not.toBe(0)
})

it('holds an edit by instruction closer to its picture with more image guidance', async () => {
  const folder = await scratchFolder()
  const source = await putSource(folder, { width: 64, height: 96 })
  const edited = async (imageGuidance: number) =>
    (
      await runFixture(engine, folder, 'instruct-pix2pix', {
        width: 64,
        height: 96,
        edit: resolveEdit({ source, imageGuidance }),
      })
    ).picture.data
  expect(Buffer.compare(await edited(1.5), await edited(3))).not.toBe(0)
})

it('leaves out the last layers of the text encoder when clip skip is asked for', async () => {
  const folder = await scratchFolder()
  const skipped = async (clipSkip: number) =>
    (await runFixture(engine, folder, 'sd15', { width: 64, height: 64, steps: 2, clipSkip })).picture.data
  const [none, one, two] = [await skipped(0), await skipped(1), await skipped(2)]
  expect(Buffer.compare(none, one)).not.toBe(0)
  expect(Buffer.compare(one, two)).not.toBe(0)
})
