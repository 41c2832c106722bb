/** The size that a PNG file's header names (PNG specification, 11.2.1), without decoding anything. */
import type { Size } from '../box.ts'

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] as const
const HEADER_BYTES = 24

/** Null for what does not begin as a PNG file. */
export function pngSize(file: Uint8Array<ArrayBuffer>): Size | null {
  if (file.length < HEADER_BYTES || SIGNATURE.some((byte, i) => file[i] !== byte)) return null
  const view = new DataView(file.buffer, file.byteOffset, HEADER_BYTES)
  return { width: view.getUint32(16), height: view.getUint32(20) }
}
