/**
 * Reads back what a picture file says about itself (PNG, https://www.w3.org/TR/png-3/): its size and the JSON in the
 * text chunk PICTURE_INFO_KEY. It walks from chunk to chunk and never reads the pixels.
 */
import { open, type FileHandle } from 'node:fs/promises'
import { inflateSync } from 'node:zlib'
import { PICTURE_INFO_KEY, pictureInfoSchema, type PictureInfo } from '#contract/picture-info'
import { isMissing } from './storage-error.ts'

export interface PictureFile {
  info: PictureInfo
  width: number
  height: number
  sizeBytes: number
  /** When the file was written, in milliseconds since 1970. */
  writtenAt: number
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const TEXT_CHUNKS = new Set(['tEXt', 'zTXt', 'iTXt'])
const MAX_TEXT_BYTES = 4 * 1024 * 1024

/** Null when there is no such file, or it is not a whole PNG of Easel's. */
export async function readPictureFile(path: string): Promise<PictureFile | null> {
  try {
    const handle = await open(path)
    try {
      return await readPng(handle)
    } finally {
      await handle.close()
    }
  } catch (thrown) {
    if (isMissing(thrown)) return null
    throw thrown
  }
}

async function readPng(handle: FileHandle): Promise<PictureFile | null> {
  const { size: sizeBytes, mtimeMs } = await handle.stat()
  if (!(await readAt(handle, 0, 8)).equals(SIGNATURE)) return null
  let width = 0
  let height = 0
  let info: PictureInfo | null = null
  for (let offset = 8; offset + 12 <= sizeBytes;) {
    const head = await readAt(handle, offset, 8)
    const length = head.readUInt32BE(0)
    const type = head.toString('latin1', 4, 8)
    if (type === 'IHDR') {
      const data = await readAt(handle, offset + 8, 8)
      width = data.readUInt32BE(0)
      height = data.readUInt32BE(4)
    }
    if (TEXT_CHUNKS.has(type) && length <= MAX_TEXT_BYTES) {
      info = parseInfo(type, await readAt(handle, offset + 8, length)) ?? info
    }
    if (type === 'IEND') return info && { info, width, height, sizeBytes, writtenAt: Math.floor(mtimeMs) }
    offset += 12 + length
  }
  return null // no end: the file was cut off
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}

function parseInfo(type: string, data: Buffer): PictureInfo | null {
  const keyEnd = data.indexOf(0)
  if (data.toString('latin1', 0, keyEnd) !== PICTURE_INFO_KEY) return null
  try {
    const parsed = pictureInfoSchema.safeParse(JSON.parse(textOf(type, data, keyEnd)))
    return parsed.success ? parsed.data : null
  } catch {
    return null // damaged text: the picture stays a picture, but not one that can be indexed
  }
}

/** keyword 0 text | keyword 0 method zlib | keyword 0 flag method language 0 keyword 0 text-or-zlib */
function textOf(type: string, data: Buffer, keyEnd: number): string {
  if (type === 'tEXt') return data.toString('latin1', keyEnd + 1)
  if (type === 'zTXt') return inflateSync(data.subarray(keyEnd + 2)).toString('latin1')
  const isCompressed = data[keyEnd + 1] === 1
  const languageEnd = data.indexOf(0, keyEnd + 3)
  const body = data.subarray(data.indexOf(0, languageEnd + 1) + 1)
  return (isCompressed ? inflateSync(body) : body).toString('utf8')
}
