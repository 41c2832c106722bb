/** Whatever sampler a model offers makes pictures with it, from noise in a single step and from a picture in half of three. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resolveEdit } from '#contract/edit'
import { SIGMA_SCHEDULES_OF, type SchedulerId } from '#contract/generation'
import { samplersOfKind } from '#contract/samplers'
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

const size = { width: 64, height: 96 } as const

async function drawTwice(model: string, scheduler: SchedulerId): Promise<void> {
  const folder = await scratchFolder()
  const source = await putSource(folder, size)
  for (const sigmaSchedule of SIGMA_SCHEDULES_OF[scheduler]) {
    const plan = { ...size, scheduler, sigmaSchedule }
    const { picture } = await runFixture(engine, folder, model, { ...plan, steps: 1 })
    expect([picture.width, picture.height]).toEqual([64, 96])
    const edit = resolveEdit({ source, strength: 0.5 })
    const { events } = await runFixture(engine, folder, model, { ...plan, steps: 3, edit })
    expect(events.filter(event => event.type === 'step').length).toBeGreaterThan(0)
  }
}

describe.each([
  ['sd15', 'noise'],
  ['sd3/tiny-sd3', 'flow'],
  ['flux/tiny-flux-dev', 'flow'],
] as const)('%s', (model, kind) => {
  it.each(samplersOfKind(kind))('with %s, in each of its spacings', scheduler => drawTwice(model, scheduler))
})
