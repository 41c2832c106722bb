/** An image that was interrupted goes on at the step where it was, in another engine, to the same pixels. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { sayNotice } from '#contract/notices'
import { resolveEdit } from '#contract/edit'
import type { GenerationRequest, SchedulerId } from '#contract/generation'
import { HIRES_DEFAULTS } from '#contract/passes'
import { createLocalEngine } from '#engine/local-engine'
import type { EngineEvent, EngineJob } from '#engine/engine'
import { decodePicture } from '#imaging/sharp-codec'
import { createOrtSession } from '#pipeline/ort-session'
import type { CreateSession } from '#pipeline/session'
import { fixtureFolder, putSource } from '#test/fixture-job'
import { scratchFolder } from '#test/scratch-folder'
import { starterJob } from '#test/starter-job'

const PLAN = { prompt: 'a red boat', width: 64, height: 96, steps: 6, guidance: 5 } as const

function open(createSession: CreateSession) {
  const engine = createLocalEngine({ createSession, now: () => performance.now(), checkpointIntervalMs: 0 })
  onTestFinished(() => engine.dispose())
  return async (job: EngineJob) => {
    const events: EngineEvent[] = []
    await engine.generate(job, { signal: new AbortController().signal, onEvent: event => events.push(event) })
    return events
  }
}

/** Fails at the n-th run of a network that makes steps. */
function failingAt(run: number): CreateSession {
  let runs = 0
  return async (file, options) => {
    const session = await createOrtSession(file, options)
    if (!/(unet|transformer)[/\\]/.test(file)) return session
    return {
      ...session,
      run(feeds) {
        if (++runs === run) throw new Error('the power failed')
        return session.run(feeds)
      },
    }
  }
}

async function interruptAndGoOn(
  model: string,
  changes: Partial<GenerationRequest>,
  failAtRun: number,
  folder?: string,
) {
  const at = folder ?? (await scratchFolder())
  const checkpoint = join(at, 'checkpoint.json')
  const refiner = changes.refiner === undefined ? {} : { refinerFolder: fixtureFolder(changes.refiner.model) }
  const job = { ...starterJob(at, { ...PLAN, ...changes }), modelFolder: fixtureFolder(model), ...refiner }
  const whole = await open(createOrtSession)(job)
  const expected = await decodePicture(join(at, '0.png'))
  await expect(open(failingAt(failAtRun))({ ...job, checkpoint })).rejects.toThrow('the power failed')
  const events = await open(createOrtSession)({ ...job, checkpoint })
  const picture = await decodePicture(join(at, '0.png'))
  return {
    isSame: Buffer.compare(picture.data, expected.data) === 0,
    steps: stepsOf(events),
    whole: stepsOf(whole),
    events,
  }
}

function stepsOf(events: readonly EngineEvent[]): string[] {
  return events.filter(event => event.type === 'step').map(({ step, steps }) => `${step}/${steps}`)
}

describe('an interrupted image goes on at the step where it was', () => {
  const samplers: SchedulerId[] = ['euler-ancestral', 'dpmpp-sde', 'unipc', 'heun']
  it.each(samplers)('with %s, to the same pixels', async scheduler => {
    const { isSame, steps, whole, events } = await interruptAndGoOn('sd15', { scheduler }, 4)
    expect(isSame).toBe(true)
    expect(steps).toEqual(whole.slice(3))
    const notices = events.filter(event => event.type === 'notice').map(({ notice }) => sayNotice(notice))
    expect(notices).toEqual(['Went on behind step 3, where it was interrupted.'])
  })

  it('with noise from the graphics card’s generator and a variation', async () => {
    const noise = { noiseSource: 'torch-cuda', variationSeed: 5, variationStrength: 0.4 } as const
    const { isSame } = await interruptAndGoOn('sd15', { ...noise, scheduler: 'euler-ancestral' }, 3)
    expect(isSame).toBe(true)
  })

  it('from a picture, of which only the last steps run', async () => {
    const folder = await scratchFolder()
    const source = await putSource(folder, PLAN)
    const edit = resolveEdit({ source, strength: 0.7 })
    const { isSame, steps } = await interruptAndGoOn('sd15', { edit, scheduler: 'euler-ancestral' }, 3, folder)
    expect([isSame, steps]).toEqual([true, ['3/4', '4/4']])
  })

  it('under a mask', async () => {
    const folder = await scratchFolder()
    const source = await putSource(folder, PLAN)
    const mask = await putSource(folder, PLAN, x => (x > 30 ? 255 : 0))
    const { isSame } = await interruptAndGoOn('sd15', { edit: resolveEdit({ source, mask }) }, 3, folder)
    expect(isSame).toBe(true)
  })

  it.each(['latents', 'pixels'] as const)('in the second pass from %s, without the first one’s steps', async from => {
    const hires = { ...HIRES_DEFAULTS, scale: 1.5, strength: 0.5, steps: 6, from }
    const { isSame, steps, whole } = await interruptAndGoOn('sd15', { hires, scheduler: 'euler-ancestral' }, 9)
    expect(isSame).toBe(true)
    expect(whole).toHaveLength(9)
    expect(steps).toEqual(['3/3']) // of the pass that goes on
  })

  it('in the refiner, without the base model’s steps', async () => {
    const refiner = { model: 'sdxl-refiner', at: 0.5 }
    const { isSame, steps } = await interruptAndGoOn('sdxl', { refiner }, 5)
    expect([isSame, steps.length]).toEqual([true, 2])
  })
})

it('another image, or a file that a crash has left in pieces, begins anew', async () => {
  const folder = await scratchFolder()
  const checkpoint = join(folder, 'checkpoint.json')
  const job = { ...starterJob(folder, PLAN), modelFolder: fixtureFolder('sd15'), checkpoint }
  await expect(open(failingAt(4))(job)).rejects.toThrow('the power failed')
  expect((await stat(checkpoint)).size).toBeGreaterThan(1000)
  const other = await open(createOrtSession)({ ...job, request: { ...job.request, seed: 8 } })
  expect(stepsOf(other)).toHaveLength(PLAN.steps)
})
