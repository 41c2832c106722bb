/**
 * Text and XMP in PNG files (https://www.w3.org/TR/png-3/): chunks are put in front of the pixels of an encoded picture.
 * Pure bytes in, bytes out; a chunk is length, type, data, CRC-32 of type and data.
 */
import { crc32 } from 'node:zlib'

export interface TextChunk {
  /** 1-79 Latin-1 characters. */
  key: string
  /** Anything. Latin-1 becomes tEXt, which every program reads; the rest iTXt in UTF-8. */
  text: string
}

const SIGNATURE_BYTES = 8
/** Signature and the header chunk (4 length, 4 type, 13 data, 4 CRC), which has to be the first one. */
const AFTER_HEADER = SIGNATURE_BYTES + 25
const XMP_KEY = 'XML:com.adobe.xmp'

/** A PNG with these texts added, in this order, right behind its header. */
export function addTextChunks(png: Uint8Array, chunks: readonly TextChunk[]): Uint8Array {
  return Buffer.concat([png.subarray(0, AFTER_HEADER), ...chunks.map(toChunk), png.subarray(AFTER_HEADER)])
}

/** An XMP packet as the text chunk that the XMP specification (part 3) names. */
export function xmpChunk(xmp: string): TextChunk {
  return { key: XMP_KEY, text: xmp }
}

function toChunk({ key, text }: TextChunk): Buffer {
  const isLatin1 = key !== XMP_KEY && /^[\n\x20-\x7e\xa0-\xff]*$/.test(text)
  const [type, data] = isLatin1
    ? ['tEXt', Buffer.concat([latin1(`${key}\0`), latin1(text)])]
    : ['iTXt', Buffer.concat([latin1(`${key}\0\0\0\0\0`), Buffer.from(text, 'utf8')])] // uncompressed, no language, no translated key
  const body = Buffer.concat([latin1(type), data])
  const frame = Buffer.alloc(4)
  frame.writeUInt32BE(data.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([frame, body, check])
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}
