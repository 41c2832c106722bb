/**
 * An edit as a file of its own, to be opened anywhere: a zip of the base picture as it is, mask and strokes as PNG, the
 * results with the requests that made them, and `document.json` with what holds them together. Opening one trusts
 * nothing: names, sizes and numbers are checked here, and pictures once more when they are decoded.
 */
import {
  canvasDocumentSchema,
  CANVAS_FILE_LIMITS,
  type CanvasFileDocument,
  type CanvasState,
} from '#contract/canvas-document'
import { EDIT_LIMITS, SOURCE_TYPES, type SourceType } from '#contract/edit'
import { invalidInput, parseInput } from '#contract/parse'
import type { Box } from '#contract/mask/grey-mask'
import { isSameBox, type Size } from '../box.ts'
import { limitFrame } from '../frame.ts'
import { pngSize } from './png-size.ts'
import { damaged, readZip, writeZip, type ZipEntry } from './zip.ts'

export const EASEL_FILE = {
  extension: '.easel',
  type: 'application/x-easel-edit',
  maxBytes: 1024 * 1024 * 1024,
} as const

const { version: VERSION, results: MAX_RESULTS } = CANVAS_FILE_LIMITS
const DOCUMENT = 'document.json'
const MASK = 'mask.png'
const STROKES = 'strokes.png'
const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024
/** Four bytes a pixel and as much again: no PNG of that many pixels is larger. */
const MAX_LAYER_BYTES = EDIT_LIMITS.sourcePixels * 5

const ENDINGS: Readonly<Record<SourceType, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'image/tiff': 'tiff',
  'image/avif': 'avif',
}
const PICTURE = new RegExp(`^(base|results/[0-9]{1,2})\\.(${Object.values(ENDINGS).join('|')})$`)

type Described = CanvasState & Pick<CanvasFileDocument, 'maskLook' | 'options'>

export interface SavedPicture {
  type: SourceType
  data: Uint8Array<ArrayBuffer>
}

export interface SavedResult extends Pick<CanvasFileDocument['results'][number], 'place' | 'request'> {
  picture: SavedPicture
}

/** Pictures are files: what they show is for whoever can decode them. */
export interface EaselFile extends Described {
  base: SavedPicture
  mask: Uint8Array<ArrayBuffer>
  strokes: Uint8Array<ArrayBuffer> | null
  results: SavedResult[]
}

/** The file in parts. */
export function writeEaselFile({ base, mask, strokes, results, ...described }: EaselFile): Uint8Array<ArrayBuffer>[] {
  const kept = results.slice(-MAX_RESULTS).map(({ picture, ...rest }, i) => ({
    entry: { name: `results/${i}.${ENDINGS[picture.type]}`, data: picture.data },
    rest,
  }))
  const baseName = `base.${ENDINGS[base.type]}`
  const document: CanvasFileDocument = {
    format: 'easel-edit',
    version: VERSION,
    ...described,
    base: baseName,
    hasStrokes: strokes !== null,
    results: kept.map(({ entry, rest }) => ({ file: entry.name, ...rest })),
  }
  const text = new TextEncoder().encode(JSON.stringify(document, null, 1))
  const layers: ZipEntry[] = strokes === null ? [] : [{ name: STROKES, data: strokes }]
  return writeZip([
    { name: DOCUMENT, data: text },
    { name: baseName, data: base.data },
    { name: MASK, data: mask },
    ...layers,
    ...kept.map(({ entry }) => entry),
  ])
}

/** Throws `invalid-input` in words. */
export async function readEaselFile(bytes: Uint8Array<ArrayBuffer>): Promise<EaselFile> {
  const entries = await readZip(bytes, {
    entries: MAX_RESULTS + 4,
    totalBytes: EASEL_FILE.maxBytes,
    bytesOf(name) {
      if (name === DOCUMENT) return MAX_DOCUMENT_BYTES
      if (name === MASK || name === STROKES) return MAX_LAYER_BYTES
      return PICTURE.test(name) ? EDIT_LIMITS.sourceBytes : null
    },
  })
  const take = (name: string): Uint8Array<ArrayBuffer> => {
    const entry = entries.get(name)
    if (entry === undefined) throw damaged(`"${name.slice(0, 80)}" is missing`)
    return entry
  }
  const { base, hasStrokes, results, format: _format, version: _version, ...described } = readDocument(take(DOCUMENT))
  checkSizes(described)
  return {
    ...described,
    base: { type: typeOf(base), data: take(base) },
    mask: checkLayer(MASK, take(MASK), described),
    strokes: hasStrokes ? checkLayer(STROKES, take(STROKES), described) : null,
    results: results.map(({ file, ...rest }) => ({ picture: { type: typeOf(file), data: take(file) }, ...rest })),
  }
}

function readDocument(bytes: Uint8Array<ArrayBuffer>): CanvasFileDocument {
  let raw: unknown
  try {
    raw = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw damaged(`${DOCUMENT} is no JSON`)
  }
  return parseInput(canvasDocumentSchema, raw, DOCUMENT)
}

function checkSizes({ width, height, frame }: Size & { frame: Box }): void {
  if (width * height > EDIT_LIMITS.sourcePixels) {
    const allowed = `at most ${EDIT_LIMITS.sourcePixels} pixels`
    throw invalidInput([{ path: `${DOCUMENT}.width`, value: `${width} (x ${height})`, allowed }])
  }
  if (isSameBox(limitFrame(frame, { width, height }), frame)) return
  const { left, top, right, bottom } = frame
  const allowed = `a box that meets the picture of ${width}x${height}`
  throw invalidInput([{ path: `${DOCUMENT}.frame`, value: `${left},${top} to ${right},${bottom}`, allowed }])
}

/** Looked at before it is decoded: a small file can stand for a huge picture. */
function checkLayer(name: string, data: Uint8Array<ArrayBuffer>, { width, height }: Size): Uint8Array<ArrayBuffer> {
  const size = pngSize(data)
  if (size === null) throw damaged(`${name} is no PNG file`)
  if (size.width === width && size.height === height) return data
  throw damaged(`${name} is ${size.width}x${size.height}, and the picture ${width}x${height}`)
}

function typeOf(name: string): SourceType {
  const ending = PICTURE.exec(name)?.[2]
  const type = SOURCE_TYPES.find(candidate => ENDINGS[candidate] === ending)
  if (type === undefined) throw damaged(`${JSON.stringify(name.slice(0, 80))} is no name of a picture in it`)
  return type
}
