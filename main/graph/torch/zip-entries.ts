/** The entries of a zip archive that are stored as they are, which is how PyTorch writes its files (APPNOTE.TXT, sections 4.3.7 and 4.3.12). */
const END_SIGNATURE = 0x06054b50
const ENTRY_SIGNATURE = 0x02014b50
const END_BYTES = 22
const MAX_COMMENT_BYTES = 65_535

/** Name -> bytes. Throws `TypeError` for what is no archive or is compressed, `RangeError` for what is cut off. */
export function readStoredEntries(bytes: Uint8Array): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = findEnd(view)
  const count = view.getUint16(end + 10, true)
  let at = view.getUint32(end + 16, true)
  const entries = new Map<string, Uint8Array>()
  for (let i = 0; i < count; i++) {
    if (view.getUint32(at, true) !== ENTRY_SIGNATURE) throw new TypeError('its list of entries is damaged')
    const isStored = view.getUint16(at + 10, true) === 0
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map(offset => view.getUint16(at + offset, true))
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameBytes))
    if (!isStored) throw new TypeError(`its entry ${name} is compressed`)
    entries.set(name, contentOf(bytes, view, view.getUint32(at + 42, true), view.getUint32(at + 20, true)))
    at += 46 + nameBytes + extraBytes + commentBytes
  }
  return entries
}

function contentOf(bytes: Uint8Array, view: DataView, header: number, size: number): Uint8Array {
  const start = header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true)
  if (start + size > bytes.length) throw new RangeError('it is cut off')
  return bytes.subarray(start, start + size)
}

function findEnd(view: DataView): number {
  const lowest = Math.max(0, view.byteLength - END_BYTES - MAX_COMMENT_BYTES)
  for (let at = view.byteLength - END_BYTES; at >= lowest; at--) {
    if (view.getUint32(at, true) === END_SIGNATURE) return at
  }
  throw new TypeError('it is no file of PyTorch 1.6 or later')
}
