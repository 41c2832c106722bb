/**
 * Zip archives as far as an edit file needs them (PKWARE's APPNOTE 6.3, sections 4.3 to 4.5): written without
 * compression, because pictures are compressed already; read stored or deflated, as another program may have packed them
 * again. What is read is foreign: every name and size is checked before a byte is unpacked, and unpacking stops where
 * more comes out than was promised.
 */
import { AppError } from '#contract/errors'
import { crc32 } from './crc32.ts'

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
const [LOCAL_BYTES, CENTRAL_BYTES, END_BYTES] = [30, 46, 22]
/** 1 January 1980: the same edit gives the same file. */
const DOS_DATE = 0x21
const UTF8_NAMES = 0x0800
const ENCRYPTED = 0x0001
const [STORED, DEFLATED] = [0, 8]

export interface ZipEntry {
  name: string
  data: Uint8Array<ArrayBuffer>
}

export interface ZipLimits {
  entries: number
  /** Of all entries together, unpacked. */
  totalBytes: number
  /** The most bytes that an entry of this name may have; null: there must be none of this name. */
  bytesOf(name: string): number | null
}

/** The archive in parts, to be put together by whoever stores it. */
export function writeZip(entries: readonly ZipEntry[]): Uint8Array<ArrayBuffer>[] {
  const local: Uint8Array<ArrayBuffer>[] = []
  const central: Uint8Array<ArrayBuffer>[] = []
  let offset = 0
  let directoryBytes = 0
  for (const { name, data } of entries) {
    const nameBytes = new TextEncoder().encode(name)
    const common = [20, UTF8_NAMES, STORED, 0, DOS_DATE] // version, flags, method, time, date
    const sizes = [crc32(data), data.length, data.length]
    const header = record([LOCAL], common, sizes, [nameBytes.length, 0])
    const listed = record([CENTRAL], [20, ...common], sizes, [nameBytes.length, 0, 0, 0, 0], [0, offset])
    local.push(header, nameBytes, data)
    central.push(listed, nameBytes)
    offset += header.length + nameBytes.length + data.length
    directoryBytes += listed.length + nameBytes.length
  }
  const end = record([END], [0, 0, entries.length, entries.length], [directoryBytes, offset], [0])
  return [...local, ...central, end]
}

/** Numbers as 4 and as 2 bytes, in turns: the shape of every header. */
function record(...groups: number[][]): Uint8Array<ArrayBuffer> {
  const bytes: number[] = []
  groups.forEach((group, i) => {
    for (const value of group) {
      for (let byte = 0; byte < (i % 2 === 0 ? 4 : 2); byte++) bytes.push((value >>> (8 * byte)) & 0xff)
    }
  })
  return Uint8Array.from(bytes)
}

interface Listed {
  name: string
  method: number
  crc: number
  packedBytes: number
  bytes: number
  offset: number
}

/** Throws `invalid-input` in words for anything that is not exactly such an archive. */
export async function readZip(
  archive: Uint8Array<ArrayBuffer>,
  limits: ZipLimits,
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const listed = readDirectory(archive, limits)
  const entries = new Map<string, Uint8Array<ArrayBuffer>>()
  for (const entry of listed) entries.set(entry.name, await readEntry(archive, entry))
  return entries
}

function readDirectory(archive: Uint8Array<ArrayBuffer>, limits: ZipLimits): Listed[] {
  const view = viewOf(archive)
  const end = findEnd(view)
  const count = view.getUint16(end + 10, true)
  if (count > limits.entries) throw damaged(`it lists ${count} entries, and ${limits.entries} are the most`)
  const listed: Listed[] = []
  let at = view.getUint32(end + 16, true)
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL_BYTES > end || view.getUint32(at, true) !== CENTRAL) throw damaged('its list of entries is broken')
    const nameBytes = view.getUint16(at + 28, true)
    const name = new TextDecoder().decode(archive.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameBytes))
    if ((view.getUint16(at + 8, true) & ENCRYPTED) !== 0) throw damaged(`"${name}" is encrypted`)
    listed.push({
      name,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packedBytes: view.getUint32(at + 20, true),
      bytes: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    })
    at += CENTRAL_BYTES + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
  }
  checkListed(listed, limits)
  return listed
}

function checkListed(listed: readonly Listed[], limits: ZipLimits): void {
  let total = 0
  const names = new Set<string>()
  for (const { name, bytes, method } of listed) {
    const most = limits.bytesOf(name)
    const shown = JSON.stringify(name.slice(0, 80))
    if (most === null) throw damaged(`it holds ${shown}, which belongs to no edit`)
    if (names.has(name)) throw damaged(`it holds ${shown} twice`)
    if (bytes > most) throw damaged(`${shown} has ${bytes} bytes unpacked, and ${most} are the most`)
    if (method !== STORED && method !== DEFLATED) throw damaged(`${shown} is packed in an unknown way (${method})`)
    names.add(name)
    total += bytes
  }
  if (total > limits.totalBytes) throw damaged(`it has ${total} bytes unpacked, and ${limits.totalBytes} are the most`)
}

/** The last record, behind which only a comment may stand. */
function findEnd(view: DataView): number {
  for (let at = view.byteLength - END_BYTES; at >= 0 && at >= view.byteLength - END_BYTES - 0xffff; at--) {
    if (view.getUint32(at, true) === END && at + END_BYTES + view.getUint16(at + 20, true) === view.byteLength)
      return at
  }
  throw damaged('it is no zip archive, or its end is missing')
}

async function readEntry(archive: Uint8Array<ArrayBuffer>, entry: Listed): Promise<Uint8Array<ArrayBuffer>> {
  const view = viewOf(archive)
  const { name, offset, packedBytes, bytes, method, crc } = entry
  const isInside = offset + LOCAL_BYTES <= archive.length && view.getUint32(offset, true) === LOCAL
  const start = isInside
    ? offset + LOCAL_BYTES + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true)
    : 0
  if (!isInside || start + packedBytes > archive.length) throw damaged(`"${name}" is cut off`)
  const packed = archive.subarray(start, start + packedBytes)
  const data = method === STORED ? packed : await inflate(packed, name, bytes)
  if (data.length !== bytes || crc32(data) !== crc) throw damaged(`"${name}" is not what its check sum says`)
  return data
}

async function inflate(packed: Uint8Array<ArrayBuffer>, name: string, bytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const data = new Uint8Array(bytes)
  let length = 0
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return data.subarray(0, length)
      if (length + value.length > bytes) throw damaged(`"${name}" unpacks to more than the ${bytes} bytes it promises`)
      data.set(value, length)
      length += value.length
    }
  } catch (thrown) {
    throw thrown instanceof AppError ? thrown : damaged(`"${name}" cannot be unpacked`)
  } finally {
    reader.cancel().catch(() => undefined) // it has failed or ended already
  }
}

export function damaged(reason: string): AppError {
  return new AppError('invalid-input', `This is no edit that can be opened: ${reason}.`)
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}
