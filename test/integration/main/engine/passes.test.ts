/** Jobs of more than one run or more than one network, from the request to the picture. */
import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resolveEdit } from '#contract/edit'
import { createNotice } from '#contract/notices'
import { CONTROL_DEFAULTS, HIRES_DEFAULTS, type ControlRequest } from '#contract/passes'
import type { Engine } from '#engine/engine'
import { createLocalEngine } from '#engine/local-engine'
import { decodePicture } from '#imaging/sharp-codec'
import { createOrtSession } from '#pipeline/ort-session'
import { fixtureFolder, putBytes, putSource, runFixture } from '#test/fixture-job'
import { scratchFolder } from '#test/scratch-folder'

let engine: Engine
beforeAll(() => {
  engine = createLocalEngine({ createSession: createOrtSession, now: () => performance.now() })
})
afterAll(() => engine.dispose())

const small = { width: 64, height: 96 } as const

describe('a second pass at a larger size', () => {
  it.each(['latents', 'pixels'] as const)("from %s makes a picture of that size, of both passes' steps", async from => {
    const folder = await scratchFolder()
    const hires = { ...HIRES_DEFAULTS, scale: 1.5, strength: 0.5, steps: 4, from }
    const { picture, events } = await runFixture(engine, folder, 'sd15', { ...small, hires })
    expect(picture).toMatchObject({ width: 96, height: 144 })
    const steps = events.filter(event => event.type === 'step')
    expect(steps.map(({ step, steps: of }) => [step, of])).toEqual([1, 2, 3, 4, 5].map(step => [step, 5]))
  })

  it('keeps more of the first pass with less strength, and gives the same picture every time', async () => {
    const folder = await scratchFolder()
    const make = async (strength: number) => {
      const hires = { ...HIRES_DEFAULTS, scale: 1, strength, steps: 10, from: 'latents' as const }
      return (await runFixture(engine, folder, 'sd15', { ...small, hires })).picture.data
    }
    const first = (await runFixture(engine, folder, 'sd15', small)).picture.data
    const [little, much] = [await make(0.1), await make(1)]
    expect(distance(first, little)).toBeLessThan(distance(first, much))
    expect(Buffer.compare(await make(0.1), little)).toBe(0)
  })

  it('from pixels is the image-to-image picture of the first one, enlarged', async () => {
    const folder = await scratchFolder()
    const plan = { scheduler: 'euler-ancestral', steps: 4 } as const // draws noise in every step too
    const hires = { ...HIRES_DEFAULTS, scale: 1.5, strength: 0.5, steps: 4, from: 'pixels' as const }
    const { picture } = await runFixture(engine, folder, 'sd15', { ...small, ...plan, hires })
    await runFixture(engine, folder, 'sd15', { ...small, ...plan })
    const source = await putBytes(folder, await readFile(join(folder, '0.png')))
    const edit = resolveEdit({ source, strength: 0.5 })
    const byHand = await runFixture(engine, folder, 'sd15', { width: 96, height: 144, ...plan, edit })
    expect(Buffer.compare(byHand.picture.data, picture.data)).toBe(0)
  })
})

describe('ControlNets', () => {
  const net = { ...CONTROL_DEFAULTS, net: 'controlnet' }

  it('say what of their pictures was converted', async () => {
    const folder = await scratchFolder()
    const palette = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .png({ palette: true })
      .toBuffer()
    const controls = [{ ...net, image: await putBytes(folder, palette) }]
    const { events } = await runFixture(engine, folder, 'sd15-controlnet', { ...small, steps: 1, controls })
    const told = events.flatMap(event => (event.type === 'notice' ? [event.notice] : []))
    expect(told).toEqual([createNotice('source-palette', { source: ['The picture of ControlNet 1'] })])
  })

  it('change the picture, more nets more, and nothing at scale 0', async () => {
    const folder = await scratchFolder()
    const image = await putSource(folder, { width: 90, height: 70 })
    const make = async (controls: ControlRequest[]) =>
      (await runFixture(engine, folder, 'sd15-controlnet', { ...small, controls })).picture.data
    const plain = await make([])
    expect(Buffer.compare(await make([{ ...net, image, scale: 0 }]), plain)).toBe(0)
    const one = await make([{ ...net, image }])
    expect(Buffer.compare(one, plain)).not.toBe(0)
    expect(
      Buffer.compare(
        await make([
          { ...net, image },
          { ...net, net: 'controlnet_2', image },
        ]),
        one,
      ),
    ).not.toBe(0)
    expect(Buffer.compare(await make([{ ...net, image, preprocessor: 'canny' }]), one)).not.toBe(0)
    expect(Buffer.compare(await make([{ ...net, image, start: 0, end: 0.1 }]), plain)).toBe(0)
  })
})

describe('a refiner', () => {
  it('finishes what another model began, for every image of a job', async () => {
    const folder = await scratchFolder()
    const refinerFolder = fixtureFolder('sdxl-refiner')
    const base = { ...small, steps: 5, scheduler: 'euler' } as const
    const refiner = { model: 'refiner', at: 0.6 }
    const { picture, events } = await runFixture(engine, folder, 'sdxl', { ...base, refiner }, { refinerFolder })
    expect(events.filter(event => event.type === 'step').map(({ step, steps }) => [step, steps])).toEqual(
      [1, 2, 3, 4, 5].map(step => [step, 5]),
    )
    expect(events.filter(event => event.type === 'phase' && event.phase === 'loading')).toHaveLength(2)
    const alone = await runFixture(engine, folder, 'sdxl', base)
    expect(Buffer.compare(alone.picture.data, picture.data)).not.toBe(0)
    const again = await runFixture(engine, folder, 'sdxl', { ...base, seed: 6, images: 2, refiner }, { refinerFolder })
    expect(again.events.filter(event => event.type === 'image')).toHaveLength(2)
  })
})

it('repaints under a mask with a ControlNet, and keeps what is not masked byte for byte', async () => {
  const folder = await scratchFolder()
  const model = join(folder, 'model')
  await cp(fixtureFolder('sd15-controlnet'), model, { recursive: true })
  await cp(fixtureFolder('sd15/vae_encoder'), join(model, 'vae_encoder'), { recursive: true })
  const size = { width: 80, height: 96 }
  const isPainted = (x: number, y: number): boolean => x >= 24 && x < 60 && y >= 30 && y < 80
  const source = await putSource(folder, size)
  const mask = await putSource(folder, size, (x, y) => (isPainted(x, y) ? 255 : 0))
  const control = await putSource(folder, size, (x, y) => (x - y > 0 ? 255 : 0))
  const edit = resolveEdit({ source, mask, onlyMasked: true })
  const make = async (controls: ControlRequest[]) =>
    (await runFixture(engine, folder, model, { ...small, edit, controls })).picture.data
  const before = (await decodePicture(join(folder, 'sources', source))).data
  const free = await make([])
  const held = await make([{ ...CONTROL_DEFAULTS, net: 'controlnet', image: control, preprocessor: 'canny' }])
  expect(Buffer.compare(held, free)).not.toBe(0)
  const changed = [...before.keys()].filter(i => before[i] !== held[i]).map(i => Math.floor(i / 3))
  expect(changed.filter(pixel => !isPainted(pixel % size.width, Math.floor(pixel / size.width)))).toEqual([])
})

/** Mean difference of two pictures of one size, in steps of 255. */
function distance(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / a.length
}
