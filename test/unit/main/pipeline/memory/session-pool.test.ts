import { expect, test } from 'vitest'
import { createMemoryBudget, WITHOUT_LIMIT } from '#pipeline/memory/memory-budget'
import { createSessionPool, type PoolOptions } from '#pipeline/memory/session-pool'
import type { ModelPart } from '#pipeline/model-files'
import { bytesOfMegabytes, WEIGHT_FACTOR } from '#contract/memory'
import { createScarceRuntime, type Attempt } from '#test/scarce-runtime'
import { scriptedSession } from '#test/scripted-session'
import { said } from '#test/said'

const part = (name: string, sizeMb = 100): ModelPart => ({
  name,
  graph: `/model/${name}/model.onnx`,
  config: null,
  halvings: null,
  weightBytes: bytesOfMegabytes(sizeMb) / WEIGHT_FACTOR,
})
const signature = { inputs: [{ name: 'x', dtype: 'float32', shape: [1] }], outputs: [] } as const

function openPool(lacks: (attempt: Attempt) => boolean, options: Partial<PoolOptions> = {}) {
  const runtime = createScarceRuntime(() => Promise.resolve(scriptedSession([], [], feeds => feeds)), lacks)
  const pool = createSessionPool({
    createSession: runtime.createSession,
    readSignature: () => Promise.resolve(signature),
    totalBytes: 0,
    threads: 0,
    providers: ['cpu'],
    budget: WITHOUT_LIMIT,
    ...options,
  })
  return { runtime, pool }
}

test('opens each graph once and keeps it where memory suffices', async () => {
  const { runtime, pool } = openPool(() => false)
  const [text, unet] = [await pool.open(part('text_encoder')), await pool.open(part('unet'))]
  for (const session of [text, unet, text]) await session.run({})
  expect(runtime.log.filter(line => !line.startsWith('run'))).toEqual(['open text_encoder on cpu', 'open unet on cpu'])
  expect(pool.notices()).toEqual([])
  await pool.release()
  expect([...runtime.open]).toEqual([])
})

test('hands over graphs that stay, open as they are, and closes the others: the next pool opens only those', async () => {
  const { runtime, pool } = openPool(() => false)
  for (const name of ['text_encoder', 'vae_decoder', 'unet']) await pool.open(part(name))
  const handedOver = await pool.handOver(({ name }) => name !== 'unet')
  const before = runtime.log.length
  const { runtime: second, pool: next } = openPool(() => false, { handedOver })
  const sessions = [await next.open(part('text_encoder')), await next.open(part('unet'))]
  for (const session of sessions) await session.run({})
  expect(second.log.filter(line => line.startsWith('open'))).toEqual(['open unet on cpu'])
  expect(runtime.log.slice(before)).toEqual(['run text_encoder on cpu'])
  await pool.release() // it has nothing left to close
  expect([...runtime.open]).toEqual(['text_encoder', 'vae_decoder'])
  await next.release()
  expect([...runtime.open, ...second.open]).toEqual([])
})

test('what was handed over and has lost its memory is opened again as the new part says', async () => {
  const { pool } = openPool(() => false)
  const session = await pool.open(part('unet'))
  await session.release()
  const handedOver = await pool.handOver(() => true)
  const { runtime, pool: next } = openPool(() => false, { handedOver })
  await (await next.open({ ...part('unet'), graph: '/other/unet/model.onnx' })).run({})
  expect(runtime.log).toEqual(['open unet on cpu', 'run unet on cpu'])
})

test('opens nothing before it runs where the model does not fit, and closes the text encoder before the U-Net, saying so', async () => {
  const budget = createMemoryBudget(150, () => {
    throw new Error('the machine is not asked where a limit is set')
  })
  const { runtime, pool } = openPool(() => false, { budget, totalBytes: bytesOfMegabytes(300) })
  const text = await pool.open(part('text_encoder'))
  const unet = await pool.open(part('unet'))
  expect(text.inputs).toEqual(signature.inputs)
  expect(runtime.log).toEqual([])
  await text.run({})
  await unet.run({})
  expect(runtime.log).toEqual([
    'open text_encoder on cpu',
    'run text_encoder on cpu',
    'close text_encoder',
    'open unet on cpu',
    'run unet on cpu',
  ])
  expect(said(pool.notices())).toEqual([
    'More than 150 MB would be needed: the text encoder made room for the denoising network and is opened again when it is needed, which takes time.',
  ])
  await text.run({})
  expect([...runtime.open]).toEqual(['text_encoder'])
})

test('asks the runtime for inputs and outputs where the header does not say them', async () => {
  const readSignature = () => Promise.resolve(null)
  const { runtime, pool } = openPool(() => false, {
    readSignature,
    totalBytes: 1,
    budget: createMemoryBudget(1, never),
  })
  await pool.open(part('unet'))
  expect(runtime.log).toEqual(['open unet on cpu'])
})

test('makes room and tries again when there is no memory for opening, then goes to the next provider', async () => {
  const { runtime, pool } = openPool(
    ({ kind, part: name, provider }) => {
      return kind === 'open' && name === 'unet' && provider !== 'cpu'
    },
    { providers: ['cuda', 'webgpu', 'cpu'] },
  )
  await pool.open(part('text_encoder'))
  await pool.open(part('unet'))
  expect(runtime.log).toEqual([
    'open text_encoder on cuda',
    'open unet on cuda',
    'close text_encoder',
    'open unet on cuda',
    'open unet on webgpu',
    'open unet on cpu',
  ])
  expect(said(pool.notices())).toEqual([
    expect.stringMatching(/^Memory ran short: the text encoder made room/),
    'Memory ran short on cuda: the denoising network goes on on webgpu.',
    'Memory ran short on webgpu: the denoising network goes on on the processor.',
  ])
  expect(pool.provider()).toBe('cpu')
})

test('gives up when not even the processor has memory for a graph alone, and can be asked again', async () => {
  let isShort = true
  const { pool } = openPool(({ kind }) => kind === 'open' && isShort)
  await expect(pool.open(part('unet'))).rejects.toMatchObject({ code: 'out-of-memory' })
  isShort = false
  await expect(pool.open(part('unet'))).resolves.toBeDefined()
})

test('moves an open graph to the next provider at its next run, and to none behind the processor', async () => {
  const { runtime, pool } = openPool(() => false, { providers: ['cuda', 'cpu'] })
  const unet = await pool.open(part('unet'))
  expect(pool.provider()).toBe('cuda')
  expect(await unet.relief?.moveOn()).toMatchObject({ code: 'memory-moved-on', facts: { to: ['the processor'] } })
  await unet.run({})
  expect(runtime.log).toEqual(['open unet on cuda', 'close unet', 'open unet on cpu', 'run unet on cpu'])
  expect(await unet.relief?.moveOn()).toBeNull()
})

function never(): never {
  throw new Error('not asked')
}
