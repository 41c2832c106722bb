/** Jobs of networks that make pictures larger, with one that repeats pixels, so that every pixel of the result is known. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resolveEdit } from '#contract/edit'
import type { Engine } from '#engine/engine'
import { createLocalEngine } from '#engine/local-engine'
import { encodePng } from '#imaging/png-encode'
import { resizeImage } from '#imaging/resample'
import { decodeSource } from '#imaging/sharp-codec'
import { createOrtSession } from '#pipeline/ort-session'
import { putEnlargingNetwork } from '#test/enlarging-network'
import { putBytes, putSource, runFixture } from '#test/fixture-job'
import { scratchFolder } from '#test/scratch-folder'
import { starterJob } from '#test/starter-job'
import { ROOT } from '#test/test-app'

let engine: Engine
beforeAll(() => {
  engine = createLocalEngine({ createSession: createOrtSession, now: () => performance.now() })
})
afterAll(() => engine.dispose())

/** A pattern in which no two neighbours are equal. */
function pattern(x: number, y: number, colour: number): number {
  return (37 * x + 101 * y + 59 * colour) % 256
}

interface Made {
  width: number
  height: number
  data: Uint8Array
}

/** How many bytes differ from the pattern, each of whose pixels is repeated. */
function wrongBytes({ width, data }: Made, factor: number): number {
  return data.filter((byte, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)]
    return byte !== pattern(Math.floor(x / factor), Math.floor(y / factor), i % 3)
  }).length
}

describe('a network that makes pictures larger', () => {
  it.each([
    { what: 'one tile', factor: 2, source: { width: 40, height: 32 } },
    { what: 'sides that are no multiple of anything', factor: 2, source: { width: 52, height: 44 } },
    { what: 'several tiles', factor: 2, source: { width: 300, height: 520 } },
    { what: 'a graph of one size', factor: 4, side: 32, source: { width: 100, height: 70 } },
  ])('gives back every pixel in its place: $what', async ({ factor, side, source }) => {
    const folder = await scratchFolder()
    const network = await putEnlargingNetwork(folder, 'repeat', { factor, ...(side !== undefined && { side }) })
    const edit = resolveEdit({ source: await putSource(folder, source, pattern) })
    const size = { width: source.width * factor, height: source.height * factor }
    const { picture } = await runFixture(engine, folder, network, { ...size, edit })
    expect(picture).toMatchObject(size)
    expect(wrongBytes(picture, factor)).toBe(0)
  })

  it('tells each tile as a step', async () => {
    const folder = await scratchFolder()
    const network = await putEnlargingNetwork(folder, 'repeat', { factor: 2 })
    const edit = resolveEdit({ source: await putSource(folder, { width: 300, height: 520 }, pattern) })
    const { events } = await runFixture(engine, folder, network, { width: 600, height: 1040, edit })
    const steps = events.flatMap(event => (event.type === 'step' ? [[event.step, event.steps]] : []))
    expect(steps).toEqual([1, 2, 3, 4, 5, 6].map(step => [step, 6]))
  })

  it('brings what it made to the size that is asked for, and keeps transparency', async () => {
    const folder = await scratchFolder()
    const network = await putEnlargingNetwork(folder, 'repeat', { factor: 4 })
    const half = Uint8Array.from({ length: 4 * 32 * 32 }, (_, i) => (i % 4 < 3 ? 90 : i < 2 * 32 * 32 ? 0 : 255))
    const png = await encodePng({ width: 32, height: 32, channels: 4, data: half })
    const edit = resolveEdit({ source: await putBytes(folder, png) })
    await runFixture(engine, folder, network, { width: 64, height: 64, edit })
    const { width, channels, data } = await decodeSource(join(folder, '0.png'), 'The picture')
    expect({ width, channels }).toEqual({ width: 64, channels: 4 })
    const rows = [4, 60].map(y => [...data.subarray(y * 64 * 4, y * 64 * 4 + 4)])
    expect(rows).toEqual([
      [90, 90, 90, 0],
      [90, 90, 90, 255],
    ])
  })

  it('refuses a network whose result is no larger picture, naming its tensor', async () => {
    const folder = await scratchFolder()
    const network = await putEnlargingNetwork(folder, 'stretch', { factor: 1.5 })
    const edit = resolveEdit({ source: await putSource(folder, { width: 16, height: 16 }) })
    await expect(runFixture(engine, folder, network, { width: 64, height: 64, edit })).rejects.toMatchObject({
      code: 'model-incompatible',
      details: { tensor: 'output' },
    })
  })

  it('stops between two tiles when it is cancelled', async () => {
    const folder = await scratchFolder()
    const network = await putEnlargingNetwork(folder, 'repeat', { factor: 2 })
    const edit = resolveEdit({ source: await putSource(folder, { width: 600, height: 600 }, pattern) })
    const stop = new AbortController()
    const job = { ...starterJob(folder, { width: 1200, height: 1200, edit }), modelFolder: network }
    let tiles = 0
    const onEvent = (event: { type: string }): void => {
      if (event.type !== 'step') return
      tiles++
      stop.abort()
    }
    await expect(engine.generate(job, { signal: stop.signal, onEvent })).rejects.toMatchObject({ code: 'cancelled' })
    expect(tiles).toBe(1)
  })
})

describe('the network that comes with Easel', () => {
  it('makes a picture twice as large and leaves it where and what it is', async () => {
    const folder = await scratchFolder()
    const size = { width: 65, height: 48 }
    const edit = resolveEdit({ source: await putSource(folder, size) })
    const large = { width: 130, height: 96 }
    const { picture } = await runFixture(engine, folder, join(ROOT, 'models/starter-x2'), { ...large, edit })
    expect(picture).toMatchObject(large)
    const small = await decodeSource(join(folder, 'sources', edit.source), 'The picture')
    const back = resizeImage({ ...picture, channels: 3 }, size, 'bicubic')
    const meanError = back.data.reduce((sum, byte, i) => sum + Math.abs(byte - small.data[i]), 0) / back.data.length
    expect(meanError).toBeLessThan(3)
  })
})
