/** Prompts that are longer than a model can read: what is left out is said, for each of the two prompts, and nothing is said otherwise. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sayNotice } from '#contract/notices'
import type { GenerationRequest } from '#contract/generation'
import type { Engine } from '#engine/engine'
import { createLocalEngine } from '#engine/local-engine'
import { createOrtSession } from '#pipeline/ort-session'
import { runFixture } from '#test/fixture-job'
import { scratchFolder } from '#test/scratch-folder'

const LONG = 'a red fox beside a stone wall at dawn, '.repeat(40)
const FLOW = { scheduler: 'flow-match-euler', width: 64, height: 96, steps: 1 } as const

let engine: Engine
beforeAll(() => {
  engine = createLocalEngine({ createSession: createOrtSession, now: () => performance.now() })
})
afterAll(() => engine.dispose())

async function noticesOf(model: string, changes: Partial<GenerationRequest>): Promise<string[]> {
  const { events } = await runFixture(engine, await scratchFolder(), model, changes)
  return events.flatMap(event =>
    (event.type === 'notice' ? [sayNotice(event.notice)] : []).filter(text => text.includes('left out')),
  )
}

it('SD 1 reads a prompt of any length, in windows', async () => {
  expect(await noticesOf('sd15', { prompt: LONG, negativePrompt: LONG, steps: 1 })).toEqual([])
})

it('FLUX says how many tokens of each prompt do not fit into its window', async () => {
  const request = { ...FLOW, guidance: 3, trueGuidance: 2 }
  expect(await noticesOf('flux/tiny-flux-dev', { ...request, prompt: 'a fox' })).toEqual([])
  expect(await noticesOf('flux/tiny-flux-dev', { ...request, prompt: LONG })).toEqual([
    expect.stringMatching(/^The last \d+ tokens of the prompt were left out: this model reads 512\.$/),
  ])
  expect(await noticesOf('flux/tiny-flux-dev', { ...request, negativePrompt: LONG })).toEqual([
    expect.stringMatching(/^The last \d+ tokens of the negative prompt were left out: this model reads 512\.$/),
  ])
})

it('SD 3 says it for each prompt too', async () => {
  const notices = await noticesOf('sd3/tiny-sd3', { ...FLOW, guidance: 4, prompt: LONG, negativePrompt: LONG })
  expect(notices).toEqual([
    expect.stringMatching(/^The last \d+ tokens of the prompt were left out/),
    expect.stringMatching(/^The last \d+ tokens of the negative prompt were left out/),
  ])
})
