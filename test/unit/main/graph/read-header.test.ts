import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '#contract/errors'
import { bytesSource, type ByteSource } from '#graph/byte-source'
import { readOnnxHeader } from '#graph/read-header'
import * as write from '#test/onnx-writer'

const SMALL = write.onnx([
  write.node('Conv', { name: '/conv_in/Conv' }),
  write.node('NhwcConv', { domain: 'com.microsoft', name: '/down/Conv' }),
  write.node('If', { attributes: [write.subgraph(write.node('Erf'), write.weight('inner', [2]))] }),
  write.weight('conv_in.weight', [8, 4, 3, 1]),
  write.externalWeight('big.weight', [1024, 1024], 'model.onnx_data', 4096, 4_194_304),
  write.value(11, { name: 'sample', shape: ['batch', 4, 'height', 'width'] }),
  write.value(11, { name: 'timestep', type: 7, shape: [] }),
  write.value(11, { name: 'conv_in.weight', shape: [8, 4, 3, 1] }),
  write.value(12, { name: 'out_sample', type: 10, shape: [2, 4, 8, 16] }),
])

/** By which other kinds of files are recognised. */
const HEAD_BYTES = 512

function read(bytes: Uint8Array) {
  return readOnnxHeader(bytesSource('unet/model.onnx', bytes))
}

async function errorOf(bytes: Uint8Array): Promise<AppError> {
  const thrown: unknown = await read(bytes).then(
    () => null,
    (error: unknown) => error,
  )
  if (thrown instanceof AppError) return thrown
  throw new Error(`expected an AppError, got ${String(thrown)}`)
}

describe('the header of an ONNX file', () => {
  it('says versions and producer', async () => {
    const header = await read(SMALL)
    expect(header.irVersion).toBe(8)
    expect(header.producer).toBe('pytorch 2.1')
    expect([...header.opsets]).toEqual([['', 18]])
  })

  it('lists inputs and outputs with types and shapes, and leaves out inputs that are weights', async () => {
    const header = await read(SMALL)
    expect(header.inputs).toEqual([
      { name: 'sample', dtype: 'float32', shape: ['batch', 4, 'height', 'width'] },
      { name: 'timestep', dtype: 'int64', shape: [] },
    ])
    expect(header.outputs).toEqual([{ name: 'out_sample', dtype: 'float16', shape: [2, 4, 8, 16] }])
  })

  it('lists weights, those in another file with their place in it', async () => {
    const { initializers } = await read(SMALL)
    expect(initializers).toContainEqual({
      name: 'conv_in.weight',
      dtype: 'float32',
      dims: [8, 4, 3, 1],
      inline: expect.objectContaining({ end: expect.any(Number) }),
      external: null,
    })
    expect(initializers.find(({ name }) => name === 'big.weight')?.external).toEqual({
      location: 'model.onnx_data',
      offset: 4096,
      length: 4_194_304,
    })
  })

  it('counts operators by domain, those of nested graphs too', async () => {
    const { operators } = await read(SMALL)
    expect(operators.map(({ domain, type }) => `${domain}:${type}`).sort()).toEqual([
      ':Conv',
      ':Erf',
      ':If',
      'com.microsoft:NhwcConv',
    ])
    expect(operators.find(({ type }) => type === 'Conv')?.firstNode).toBe('/conv_in/Conv')
  })

  it('is read from a file of 40 GB without reading its weights', async () => {
    const { source, bytesRead } = hugeFile(20, 2 * 2 ** 30)
    const header = await readOnnxHeader(source)
    expect(source.size).toBeGreaterThan(40e9)
    expect(header.initializers).toHaveLength(20)
    expect(bytesRead()).toBeLessThan(1_000_000)
  })
})

describe('a damaged ONNX file', () => {
  it('that was cut off is corrupt, naming the file, the place and how much is missing', async () => {
    const error = await errorOf(SMALL.subarray(0, SMALL.length - 64))
    expect(error.code).toBe('model-corrupt')
    expect(error.message).toMatch(
      /unet\/model\.onnx is damaged at byte \d+ of \d+: the file is cut off, \d+ bytes are missing/,
    )
  })

  it.each([
    ['an empty file', '', 'empty (0 bytes)'],
    ['a git-lfs pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 123\n', 'git-lfs pointer'],
    ['a web page', '<!DOCTYPE html>\n<html></html>', 'web page'],
    ['JSON', '{"error":"Entry not found"}', 'JSON'],
  ])('that is really %s says so', async (_, content, what) => {
    const error = await errorOf(new TextEncoder().encode(content))
    expect(error.code).toBe('model-corrupt')
    expect(error.message).toContain(what)
  })

  it('without a graph is corrupt', async () => {
    expect((await errorOf(write.opset(18))).message).toContain('no graph')
  })

  it('whose weight has too few bytes for its shape names the weight', async () => {
    const short = write.bytes(
      5,
      write.number(1, 100),
      write.number(2, 1),
      write.text(8, 'w'),
      write.bytes(9, new Uint8Array(8)),
    )
    expect((await errorOf(write.onnx([short]))).message).toContain('w [100] float32 needs 400 bytes and has 8')
  })

  it('with graphs nested 200 deep is corrupt and does not exhaust the stack', async () => {
    let inner = write.node('Erf')
    for (let i = 0; i < 200; i++) inner = write.node('If', { attributes: [write.subgraph(inner)] })
    expect((await errorOf(write.onnx([inner]))).message).toContain('too deep')
  })

  it('never does worse than model-corrupt, whatever 2,000 mutations make of it', async () => {
    await fc.assert(
      fc.asyncProperty(mutated(SMALL), async bytes => {
        const outcome = await read(bytes).then(
          header => header.initializers.length,
          (error: unknown) => error,
        )
        if (typeof outcome === 'number') return
        expect(outcome).toBeInstanceOf(AppError)
        expect(outcome).toMatchObject({ code: 'model-corrupt', details: { file: 'unet/model.onnx' } })
      }),
      { numRuns: 2000 },
    )
  })

  it('is read once and no further than its head and the windows over it, whatever its lengths claim', async () => {
    const far = write.join(SMALL, new Uint8Array(100_000))
    await fc.assert(
      fc.asyncProperty(mutated(SMALL), fc.boolean(), async (bytes, isLong) => {
        const file = isLong ? write.join(bytes, far) : bytes
        const { source, bytesRead } = counted(bytesSource('unet/model.onnx', file))
        await readOnnxHeader(source).catch(() => undefined)
        expect(bytesRead()).toBeLessThanOrEqual(HEAD_BYTES + 2 * file.length)
      }),
      { numRuns: 300 },
    )
  })

  it('of random bytes never does worse either', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async bytes => {
        await read(bytes).catch((error: unknown) => expect(error).toMatchObject({ code: 'model-corrupt' }))
      }),
      { numRuns: 500 },
    )
  })
})

/** Bytes changed, cut out, doubled or put in at random places. */
function mutated(original: Uint8Array): fc.Arbitrary<Uint8Array> {
  const place = fc.integer({ min: 0, max: original.length })
  const change = fc.record({ at: place, drop: fc.integer({ min: 0, max: 40 }), add: fc.uint8Array({ maxLength: 12 }) })
  return fc.array(change, { minLength: 1, maxLength: 6 }).map(changes => {
    let bytes = [...original]
    for (const { at, drop, add } of changes) bytes = [...bytes.slice(0, at), ...add, ...bytes.slice(at + drop)]
    return Uint8Array.from(bytes)
  })
}

function counted(source: ByteSource): { source: ByteSource; bytesRead: () => number } {
  let bytesRead = 0
  async function read(offset: number, length: number): Promise<Uint8Array> {
    const bytes = await source.read(offset, length)
    bytesRead += bytes.length
    return bytes
  }
  return { source: { ...source, read }, bytesRead: () => bytesRead }
}

/** A file with `count` weights of `weightBytes` each that exist only as a rule: the headers are real, the data is zeros. */
function hugeFile(count: number, weightBytes: number): { source: ByteSource; bytesRead: () => number } {
  const tensorHead = write.join(write.number(1, weightBytes / 4), write.number(2, 1), write.text(8, 'w'))
  const rawTag = write.join(write.varint(9 * 8 + 2), write.varint(weightBytes))
  const tensorLength = tensorHead.length + rawTag.length + weightBytes
  const head = write.join(write.varint(5 * 8 + 2), write.varint(tensorLength), tensorHead, rawTag)
  const period = head.length + weightBytes
  const start = write.join(write.number(1, 8), write.varint(7 * 8 + 2), write.varint(period * count))
  let bytesRead = 0
  const source: ByteSource = {
    name: 'unet/model.onnx',
    size: start.length + period * count,
    read(offset, length) {
      bytesRead += length
      const bytes = new Uint8Array(Math.min(length, source.size - offset))
      for (let i = 0; i < bytes.length; i++) {
        const at = offset + i
        const inPeriod = (at - start.length) % period
        bytes[i] = at < start.length ? start[at] : inPeriod < head.length ? head[inPeriod] : 0
      }
      return Promise.resolve(bytes)
    },
  }
  return { source, bytesRead: () => bytesRead }
}
