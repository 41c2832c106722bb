import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EDIT_OPTION_DEFAULTS } from '#contract/edit'
import { GENERATION_DEFAULTS } from '#contract/generation'
import { encodePng } from '#imaging/png-encode'
import { crc32 } from '#canvas/file/crc32'
import { readEaselFile, writeEaselFile, type EaselFile } from '#canvas/file/easel-file'
import { readZip, writeZip, type ZipEntry } from '#canvas/file/zip'

const bytes = (...values: number[]): Uint8Array<ArrayBuffer> => Uint8Array.from(values)
const text = (words: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(words)

function joined(parts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

async function png(width: number, height: number): Promise<Uint8Array<ArrayBuffer>> {
  return Uint8Array.from(await encodePng({ width, height, data: new Uint8Array(width * height * 3).fill(9) }))
}

async function anEdit(changes: Partial<EaselFile> = {}): Promise<EaselFile> {
  const { extend: _extend, ...options } = EDIT_OPTION_DEFAULTS
  const request = { ...GENERATION_DEFAULTS, width: 128, height: 128, model: 'any', prompt: 'a fox', seed: 1 }
  return {
    width: 12,
    height: 7,
    frame: { left: -4, top: 0, right: 12, bottom: 7 },
    view: { scale: 2, x: -3, y: 4.5 },
    maskLook: 'outline',
    options,
    base: { type: 'image/jpeg', data: bytes(1, 2, 3) },
    mask: await png(12, 7),
    strokes: await png(12, 7),
    results: [
      {
        picture: { type: 'image/png', data: await png(16, 7) },
        place: { extend: { left: 4, top: 0, right: 0, bottom: 0 }, area: null },
        request,
      },
    ],
    ...changes,
  }
}

describe('an edit file', () => {
  it('gives back everything that was put into it', async () => {
    const edit = await anEdit()
    expect(await readEaselFile(joined(writeEaselFile(edit)))).toEqual(edit)
    const bare = await anEdit({ strokes: null, results: [], view: null })
    expect(await readEaselFile(joined(writeEaselFile(bare)))).toEqual(bare)
  })

  it('is refused in words, and never crashes the page, wherever it is damaged or cut off', async () => {
    const whole = joined(writeEaselFile(await anEdit()))
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (at, by, isCut) => {
          const broken = isCut
            ? whole.slice(0, at)
            : Uint8Array.from(whole, (value, i) => (i === at ? value ^ by : value))
          const outcome = await readEaselFile(broken).then(
            () => 'read',
            (thrown: unknown) => (thrown as { code?: string }).code,
          )
          expect(isCut ? ['invalid-input'] : ['invalid-input', 'read']).toContain(outcome)
        },
      ),
      { numRuns: 150 },
    )
  })

  it.each([
    ['a mask of another size', { mask: [9, 7] }, 'mask.png is 9x7, and the picture 12x7'],
    ['strokes of another size', { strokes: [12, 70_000] }, 'strokes.png is 12x70000'],
    ['a picture that is too large to be held', { size: [60_000, 60_000] }, 'document.json.width is 60000'],
    [
      'a frame beside the picture',
      { frame: { left: 50, top: 0, right: 60, bottom: 7 } },
      'document.json.frame is 50,0',
    ],
  ] as const)('with %s is refused', async (_what, wrong, sentence) => {
    const changes: Partial<EaselFile> = {}
    if ('mask' in wrong) changes.mask = await png(...wrong.mask)
    if ('strokes' in wrong) changes.strokes = headerOf(...wrong.strokes)
    if ('size' in wrong) Object.assign(changes, { width: wrong.size[0], height: wrong.size[1] })
    if ('frame' in wrong) changes.frame = wrong.frame
    await expect(readEaselFile(joined(writeEaselFile(await anEdit(changes))))).rejects.toThrow(sentence)
  })

  it.each([
    ['not JSON at all', '{', 'document.json is no JSON'],
    ['of a later version', JSON.stringify({ format: 'easel-edit', version: 2 }), 'document.json.version is 2'],
    ['of another program', JSON.stringify({ format: 'other', version: 1 }), 'document.json.format is "other"'],
    ['a list', '[]', 'document.json is'],
  ])('whose document is %s is refused', async (_what, document, sentence) => {
    const archive = joined(writeZip([{ name: 'document.json', data: text(document) }]))
    await expect(readEaselFile(archive)).rejects.toThrow(sentence)
  })

  it.each([
    '../../home/user/.profile',
    '/etc/passwd',
    'results/../../x.png',
    'C:\\x.png',
    'document.json/x',
    'virus.exe',
  ])('that holds "%s" is refused', async name => {
    const archive = joined(writeZip([{ name, data: text('x') }]))
    await expect(readEaselFile(archive)).rejects.toThrow('which belongs to no edit')
  })
})

describe('a zip archive', () => {
  const limits = { entries: 3, totalBytes: 5000, bytesOf: () => 4000 }

  it('has the check sums of the standard', () => {
    expect(crc32(text('123456789'))).toBe(0xcbf43926)
  })

  it('that another program has deflated is read', async () => {
    const data = text('words '.repeat(300))
    expect(await readZip(deflated('a', data, data.length), limits)).toEqual(new Map([['a', data]]))
  })

  it('that unpacks to more than it promises is stopped there', async () => {
    const bomb = deflated('a', new Uint8Array(5_000_000), 100)
    await expect(readZip(bomb, limits)).rejects.toThrow('"a" unpacks to more than the 100 bytes it promises')
  })

  it('that promises too much is refused before anything is unpacked', async () => {
    await expect(readZip(deflated('a', bytes(1), 4_000_000_000), limits)).rejects.toThrow('4000000000 bytes unpacked')
    const many = ['a', 'b'].map((name): ZipEntry => ({ name, data: new Uint8Array(3000) }))
    await expect(readZip(joined(writeZip(many)), limits)).rejects.toThrow('it has 6000 bytes unpacked')
  })

  it('that lists too many entries, one twice, or one in an unknown way is refused', async () => {
    const named = (names: string[]) => joined(writeZip(names.map(name => ({ name, data: bytes(1) }))))
    await expect(readZip(named(['a', 'b', 'c', 'd']), limits)).rejects.toThrow('it lists 4 entries')
    await expect(readZip(named(['a', 'a']), limits)).rejects.toThrow('it holds "a" twice')
    await expect(readZip(deflated('a', bytes(1), 1, 12), limits)).rejects.toThrow('packed in an unknown way (12)')
  })
})

/** Only a header: no decoder has to be asked how large such a picture is. */
function headerOf(width: number, height: number): Uint8Array<ArrayBuffer> {
  const header = bytes(
    0x89,
    0x50,
    0x4e,
    0x47,
    0x0d,
    0x0a,
    0x1a,
    0x0a,
    0,
    0,
    0,
    13,
    73,
    72,
    68,
    82,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  )
  const view = new DataView(header.buffer)
  view.setUint32(16, width)
  view.setUint32(20, height)
  return header
}

/** One deflated entry, whatever size it claims to have. */
function deflated(name: string, data: Uint8Array, claimed: number, method = 8): Uint8Array<ArrayBuffer> {
  const packed = Uint8Array.from(deflateRawSync(data))
  const archive = joined(writeZip([{ name, data: packed }]))
  const view = new DataView(archive.buffer)
  const central = 30 + name.length + packed.length
  for (const [at, start] of [
    [0, 8],
    [central, 10],
  ] as const) {
    view.setUint16(at + start, method, true)
    view.setUint32(at + start + 6, crc32(data), true)
    view.setUint32(at + start + 14, claimed, true)
  }
  return archive
}
