import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { addTextChunks } from '#imaging/png-chunks'
import { addPictureInfo } from '#imaging/picture-png'
import { encodePng } from '#imaging/png-encode'
import { aRequest } from '#test/page-stores'
import { readPictureTexts } from '../../../../../renderer/features/prompt/picture-texts.ts'
import { readDropped } from '../../../../../renderer/features/prompt/read-dropped.ts'

const PARAMETERS = 'a fox, “snow” 猫\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 5, Size: 512x512'
const PIXELS = { width: 4, height: 2, data: new Uint8Array(4 * 2 * 3).fill(90) }

/** The EXIF block that A1111's JPEGs have (piexif): big-endian, one pointer, one comment in UTF-16BE. */
function exifWith(comment: string): Buffer {
  const text = Buffer.concat([Buffer.from('UNICODE\0'), Buffer.from(comment, 'utf16le').swap16()])
  const head = Buffer.alloc(44)
  head.write('MM\0*', 0, 'latin1')
  head.writeUInt32BE(8, 4)
  const entry = (at: number, tag: number, type: number, count: number, value: number) => {
    head.writeUInt16BE(1, at)
    head.writeUInt16BE(tag, at + 2)
    head.writeUInt16BE(type, at + 4)
    head.writeUInt32BE(count, at + 6)
    head.writeUInt32BE(value, at + 10)
  }
  entry(8, 0x8769, 4, 1, 26)
  entry(26, 0x9286, 7, text.length, 44)
  return Buffer.concat([head, text])
}

function withApp1(jpeg: Buffer, exif: Buffer): Uint8Array<ArrayBuffer> {
  const body = Buffer.concat([Buffer.from('Exif\0\0'), exif])
  const head = Buffer.from([0xff, 0xe1, 0, 0])
  head.writeUInt16BE(body.length + 2, 2)
  return new Uint8Array(Buffer.concat([jpeg.subarray(0, 2), head, body, jpeg.subarray(2)]))
}

function chunk(type: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(data.length)
  head.write(type, 4, 'latin1')
  return Buffer.concat([head, data, Buffer.alloc(4)])
}

function sharpOf() {
  return sharp(PIXELS.data, { raw: { width: PIXELS.width, height: PIXELS.height, channels: 3 } })
}

describe('readPictureTexts', () => {
  test('reads text chunks of a PNG, plain and compressed', async () => {
    const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
    const png = Buffer.concat([
      signature,
      chunk('tEXt', Buffer.from('parameters\0a f\xfcx', 'latin1')),
      chunk('zTXt', Buffer.concat([Buffer.from('Comment\0\0'), deflateSync('long')])),
      chunk('iTXt', Buffer.concat([Buffer.from('Title\0\x01\0\0\0'), deflateSync('猫')])),
      chunk('IEND', Buffer.alloc(0)),
    ])
    expect([...(await readPictureTexts(new Uint8Array(png)))]).toEqual([
      ['parameters', 'a füx'],
      ['Comment', 'long'],
      ['Title', '猫'],
    ])
  })

  test("reads A1111's comment in a JPEG and in a WebP", async () => {
    const jpeg = withApp1(await sharpOf().jpeg().toBuffer(), exifWith(PARAMETERS))
    expect((await readPictureTexts(jpeg)).get('UserComment')).toBe(PARAMETERS)
    const webp = await sharpOf().webp().toBuffer()
    const exif = exifWith(PARAMETERS)
    const part = Buffer.alloc(8)
    part.write('EXIF', 'latin1')
    part.writeUInt32LE(exif.length, 4)
    const whole = new Uint8Array(Buffer.concat([webp, part, exif]))
    expect((await readPictureTexts(whole)).get('UserComment')).toBe(PARAMETERS)
  })

  test('a file that is cut off anywhere, or is no picture, has no texts and harms nothing', async () => {
    const jpeg = withApp1(await sharpOf().jpeg().toBuffer(), exifWith(PARAMETERS))
    for (let length = 0; length < 200; length += 7) {
      expect((await readPictureTexts(jpeg.slice(0, length))).get('UserComment')).not.toBe(PARAMETERS)
    }
    expect((await readPictureTexts(new TextEncoder().encode('hello'))).size).toBe(0)
  })
})

describe('readDropped', () => {
  const request = aRequest({ prompt: 'a fox', steps: 7 })
  const png = async () =>
    new Uint8Array(addPictureInfo(await encodePng(PIXELS), { request, width: 4, height: 2, appVersion: '1.2.3' }))
  const read = (bytes: BlobPart, name: string, type: string) => readDropped(new File([bytes], name, { type }), 80_000)

  test("takes the whole request out of Easel's own picture, and the parameters out of another's", async () => {
    expect(await read(await png(), 'a.png', 'image/png')).toEqual({ kind: 'request', request })
    const jpeg = withApp1(await sharpOf().jpeg().toBuffer(), exifWith(PARAMETERS))
    expect(await read(jpeg, 'a.jpg', 'image/jpeg')).toMatchObject({
      kind: 'settings',
      settings: { input: { steps: 20, seed: 5 } },
    })
  })

  test("takes the settings out of ComfyUI's and InvokeAI's pictures", async () => {
    const withText = async (key: string, value: object) =>
      new Uint8Array(addTextChunks(await encodePng(PIXELS), [{ key, text: JSON.stringify(value) }]))
    const sampler = { class_type: 'KSampler', inputs: { steps: 9, latent_image: ['2', 0] } }
    const comfy = { 1: sampler, 2: { class_type: 'EmptyLatentImage', inputs: { width: 64, height: 72 } } }
    const kept = (steps: number) => ({ kind: 'settings', settings: { input: { steps } } })
    expect(await read(await withText('prompt', comfy), 'a.png', 'image/png')).toMatchObject(kept(9))
    const invoke = { positive_prompt: 'a fox', steps: 8 }
    expect(await read(await withText('invokeai_metadata', invoke), 'a.png', 'image/png')).toMatchObject(kept(8))
    expect(await read(JSON.stringify(comfy), 'a.json', 'application/json')).toMatchObject(kept(9))
  })

  test('takes a picture without words as a picture, a text as a prompt, and refuses the rest', async () => {
    const plain = new Uint8Array(await encodePng(PIXELS))
    expect(await read(plain, 'a.png', 'image/png')).toEqual({ kind: 'picture' })
    expect(await read(' a fox\n', 'a.txt', '')).toEqual({ kind: 'text', text: 'a fox' })
    expect(await read(PARAMETERS, 'a.txt', 'text/plain')).toMatchObject({ kind: 'settings' })
    expect(await read('x', 'a.zip', 'application/zip')).toEqual({ kind: 'unknown' })
    expect(await read('x'.repeat(80_001), 'a.txt', 'text/plain')).toEqual({ kind: 'unknown' })
  })
})
