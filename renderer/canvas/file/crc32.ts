/** The check sum of zip archives and PNG files (ISO 3309), by a table of the remainders of single bytes. */
const POLYNOMIAL = 0xedb88320

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte
  for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? POLYNOMIAL : 0)
  return rest
})

export function crc32(bytes: Uint8Array): number {
  let rest = 0xffffffff
  for (let i = 0; i < bytes.length; i++) rest = (rest >>> 8) ^ (TABLE[(rest ^ (bytes[i] ?? 0)) & 0xff] ?? 0)
  return ~rest >>> 0
}
