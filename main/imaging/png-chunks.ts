/**
 * Text and XMP in PNG files (https://www.w3.org/TR/png-3/): chunks are put in front of the pixels of an encoded picture.
 * Pure bytes in, bytes out.
 */
import { crc32 } from 'node:zlib'

export interface TextChunk {
  /** 1-79 Latin-1 characters. */
  key: string
  /** Anything. Latin-1 becomes tEXt, which every program reads; the rest iTXt in UTF-8. */
  text: string
}

export const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
/** Signature and the header chunk (4 length, 4 type, 13 data, 4 CRC), which has to be the first one. */
const AFTER_HEADER = PNG_SIGNATURE.length + 25
/** Length, type and CRC. */
const CHUNK_FRAME = 12
const XMP_KEY = 'XML:com.adobe.xmp'

/** A PNG with these texts added, in this order, right behind its header. */
export function addTextChunks(png: Uint8Array, chunks: readonly TextChunk[]): Uint8Array {
  return Buffer.concat([png.subarray(0, AFTER_HEADER), ...chunks.map(textChunk), png.subarray(AFTER_HEADER)])
}

/** An XMP packet as the text chunk that the XMP specification (part 3) names. */
export function xmpChunk(xmp: string): TextChunk {
  return { key: XMP_KEY, text: xmp }
}

/** Length, type (four letters), data, CRC-32 of type and data. */
export function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([latin1(type), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}

/** Whether this is an animated PNG, which most decoders read as if it were a still one: `acTL` comes before the pixels. */
export function isAnimatedPng(file: Uint8Array): boolean {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  if (!bytes.subarray(0, PNG_SIGNATURE.length).equals(PNG_SIGNATURE)) return false
  for (let at = PNG_SIGNATURE.length; at + 8 <= bytes.length; at += bytes.readUInt32BE(at) + CHUNK_FRAME) {
    const type = bytes.toString('latin1', at + 4, at + 8)
    if (type === 'acTL') return true
    if (type === 'IDAT') return false
  }
  return false
}

function textChunk({ key, text }: TextChunk): Buffer {
  const isLatin1 = key !== XMP_KEY && /^[\n\x20-\x7e\xa0-\xff]*$/.test(text)
  if (isLatin1) return pngChunk('tEXt', latin1(`${key}\0${text}`))
  // Uncompressed, no language, no translated key.
  return pngChunk('iTXt', Buffer.concat([latin1(`${key}\0\0\0\0\0`), Buffer.from(text, 'utf8')]))
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}
