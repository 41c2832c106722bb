import { describe, expect, it } from 'vitest'
import { EDIT_DEFAULTS } from '#contract/edit'
import { PICTURE_INFO_KEY, pictureInfoSchema } from '#contract/picture-info'
import { toParametersText } from '#imaging/parameters-text'
import { addPictureInfo } from '#imaging/picture-png'
import { encodePng } from '#imaging/png-encode'
import { decodePicture } from '#imaging/sharp-codec'
import { SMALL_REQUEST } from '#test/starter-job'

const WIDTH = 37
const HEIGHT = 19

describe('a PNG of Easel', () => {
  it('gives back the pixels that went in', async () => {
    const data = noise(WIDTH * HEIGHT * 3)
    const decoded = await decodePicture(await encodePng({ width: WIDTH, height: HEIGHT, data }))
    expect({ ...decoded, data: Buffer.from(decoded.data) }).toEqual({
      width: WIDTH,
      height: HEIGHT,
      data: Buffer.from(data),
    })
  })

  it('says second passes, refiner and ControlNets under the names that other programs know', () => {
    const request = {
      ...SMALL_REQUEST,
      hires: { scale: 1.5, strength: 0.4, steps: 9, from: 'latents' as const },
      refiner: { model: 'finer', at: 0.8 },
      controls: [
        { net: 'lines', image: 'a'.repeat(64), scale: 0.7, start: 0, end: 0.5, preprocessor: 'canny' as const },
      ],
    }
    const text = toParametersText(request, { width: WIDTH, height: HEIGHT, appVersion: '1' })
    expect(text).toContain(
      'Denoising strength: 0.4, Hires upscale: 1.5, Hires steps: 9, Hires upscaler: Latent, Refiner: finer, Refiner switch at: 0.8, ',
    )
    expect(text).toContain(
      'ControlNet 0: "Module: canny, Model: lines, Weight: 0.7, Guidance Start: 0, Guidance End: 0.5"',
    )
  })

  it('stays readable with its texts, and the texts can be found by their keys', async () => {
    const request = { ...SMALL_REQUEST, prompt: 'ein Füchslein' }
    const png = addPictureInfo(await encodePng({ width: WIDTH, height: HEIGHT, data: noise(WIDTH * HEIGHT * 3) }), {
      request,
      width: WIDTH,
      height: HEIGHT,
      appVersion: '1.2.3',
    })
    expect(await decodePicture(png)).toMatchObject({ width: WIDTH, height: HEIGHT })
    const texts = readTexts(png)
    expect(texts.get('parameters')).toBe(
      toParametersText(request, { width: WIDTH, height: HEIGHT, appVersion: '1.2.3' }),
    )
    expect(JSON.parse(texts.get(PICTURE_INFO_KEY) ?? '')).toEqual({ appVersion: '1.2.3', request })
    expect(texts.get('XML:com.adobe.xmp')).toContain('digitalsourcetype/trainedAlgorithmicMedia')
  })

  it.each(['狐が雪の中に', '🦊 in ❄️', 'line one\nline two', 'кошка', 'tab\tand "quotes" <b>'])(
    'keeps the prompt %j',
    async prompt => {
      const png = addPictureInfo(await encodePng({ width: 1, height: 1, data: new Uint8Array(3) }), {
        request: { ...SMALL_REQUEST, prompt },
        width: 1,
        height: 1,
        appVersion: '1',
      })
      expect(readTexts(png).get('parameters')?.startsWith(prompt)).toBe(true)
      expect(await decodePicture(png)).toMatchObject({ width: 1 })
    },
  )
})

describe('the hash of the model', () => {
  it('stands in full in the chunk of Easel and in ten digits in the parameters', () => {
    const modelHash = '0123456789abcdef'.repeat(4)
    const facts = { width: 128, height: 96, appVersion: '1.2.3', modelHash }
    expect(toParametersText(SMALL_REQUEST, facts)).toContain('Model hash: 0123456789, Model: starter')
    expect(() => pictureInfoSchema.parse({ appVersion: '1.2.3', request: SMALL_REQUEST, modelHash })).not.toThrow()
    expect(() => pictureInfoSchema.parse({ appVersion: '1.2.3', request: SMALL_REQUEST, modelHash: 'abc' })).toThrow()
  })
})

describe('the parameters text', () => {
  it('is what the A1111 web UI writes', () => {
    const request = {
      ...SMALL_REQUEST,
      negativePrompt: 'blur',
      scheduler: 'dpmpp-2m',
      sigmaSchedule: 'karras',
      guidance: 7.5,
    } as const
    expect(toParametersText(request, { width: 128, height: 96, appVersion: '1.2.3' })).toBe(
      'a red apple on a blue background\nNegative prompt: blur\nSteps: 3, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7.5, Seed: 7, Size: 128x96, Model: starter, RNG: CPU, Version: Easel 1.2.3',
    )
  })
})

describe('the parameters text of an edit', () => {
  const facts = { width: 128, height: 96, appVersion: '1.2.3' }
  const source = 'a'.repeat(64)

  it('says strength, seam and area as the A1111 web UI does', () => {
    const edit = { ...EDIT_DEFAULTS, source, mask: source, onlyMasked: true, fill: 'noise', strength: 0.9 } as const
    expect(toParametersText({ ...SMALL_REQUEST, edit }, facts)).toContain(
      'Denoising strength: 0.9, Mask blur: 4, Inpaint area: Only masked, Masked area padding: 32, Masked content: latent noise, Version',
    )
  })

  it('says strength alone where nothing is masked', () => {
    const text = toParametersText({ ...SMALL_REQUEST, edit: { ...EDIT_DEFAULTS, source } }, facts)
    expect(text).toContain('RNG: CPU, Denoising strength: 0.8, Version')
  })
})

function noise(length: number): Uint8Array {
  let state = 1
  return Uint8Array.from({ length }, () => (state = (state * 16_807) % 2_147_483_647) >> 8)
}

/** A second reader, so that writing and reading cannot be wrong in the same way. */
function readTexts(png: Uint8Array): Map<string, string> {
  const view = Buffer.from(png)
  const texts = new Map<string, string>()
  for (let at = 8; at < view.length; at += 12 + view.readUInt32BE(at)) {
    const type = view.toString('latin1', at + 4, at + 8)
    const data = view.subarray(at + 8, at + 8 + view.readUInt32BE(at))
    const key = data.toString('latin1', 0, data.indexOf(0))
    if (type === 'tEXt') texts.set(key, data.toString('latin1', key.length + 1))
    if (type === 'iTXt') texts.set(key, data.toString('utf8', key.length + 5))
  }
  return texts
}
