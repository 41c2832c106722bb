/**
 * The user comment of an EXIF block (CIPA DC-008, 4.6.5), found in a JPEG's APP1 segment or a WebP's EXIF chunk. Its first
 * eight bytes name its letters; A1111 writes UNICODE, which is UTF-16 in either order of bytes.
 */

const EXIF_POINTER = 0x8769
const USER_COMMENT = 0x9286
const ENTRY_BYTES = 12
const CODE_BYTES = 8

/** null where there is none. Throws RangeError for a file that is cut off. */
export function readUserComment(bytes: Uint8Array): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const tiff = view.byteLength < 12 ? null : view.getUint16(0) === 0xffd8 ? findInJpeg(view) : findInWebp(view)
  return tiff === null ? null : commentIn(tiff)
}

function findInJpeg(view: DataView): DataView | null {
  for (let offset = 2; offset + 4 <= view.byteLength && view.getUint8(offset) === 0xff;) {
    const marker = view.getUint8(offset + 1)
    if (marker === 0xda) return null // pixels begin
    const length = view.getUint16(offset + 2)
    if (marker === 0xe1 && nameAt(view, offset + 4, 6) === 'Exif\0\0') return part(view, offset + 10, length - 8)
    offset += 2 + length
  }
  return null
}

function findInWebp(view: DataView): DataView | null {
  if (nameAt(view, 0, 4) !== 'RIFF' || nameAt(view, 8, 4) !== 'WEBP') return null
  for (let offset = 12; offset + 8 <= view.byteLength;) {
    const size = view.getUint32(offset + 4, true)
    if (nameAt(view, offset, 4) === 'EXIF') {
      const isPrefixed = size > 6 && nameAt(view, offset + 8, 6) === 'Exif\0\0' // some writers keep JPEG's prefix
      return part(view, offset + 8 + (isPrefixed ? 6 : 0), size - (isPrefixed ? 6 : 0))
    }
    offset += 8 + size + (size % 2)
  }
  return null
}

function commentIn(tiff: DataView): string | null {
  const isLittle = nameAt(tiff, 0, 2) === 'II'
  const pointer = findEntry(tiff, tiff.getUint32(4, isLittle), EXIF_POINTER, isLittle)
  if (pointer === null) return null
  const entry = findEntry(tiff, tiff.getUint32(pointer + 8, isLittle), USER_COMMENT, isLittle)
  if (entry === null) return null
  const count = tiff.getUint32(entry + 4, isLittle)
  const start = tiff.getUint32(entry + 8, isLittle)
  if (count <= CODE_BYTES) return null
  const data = part(tiff, start + CODE_BYTES, count - CODE_BYTES)
  const code = nameAt(tiff, start, CODE_BYTES)
  if (!code.startsWith('UNICODE')) return new TextDecoder().decode(data).replace(/\0+$/, '')
  // The order of its bytes is not that of the block: piexif, which A1111 uses, writes UTF-16BE. Latin letters tell.
  return new TextDecoder(data.getUint8(0) === 0 ? 'utf-16be' : 'utf-16le').decode(data)
}

/** Place of an entry in a directory. */
function findEntry(tiff: DataView, directory: number, tag: number, isLittle: boolean): number | null {
  const count = tiff.getUint16(directory, isLittle)
  for (let i = 0; i < count; i++) {
    const entry = directory + 2 + i * ENTRY_BYTES
    if (tiff.getUint16(entry, isLittle) === tag) return entry
  }
  return null
}

function nameAt(view: DataView, offset: number, length: number): string {
  return new TextDecoder('latin1').decode(part(view, offset, length))
}

function part(view: DataView, offset: number, length: number): DataView {
  return new DataView(view.buffer, view.byteOffset + offset, length)
}
