/**
 * The texts inside a picture file, by name: the text chunks of a PNG (https://www.w3.org/TR/png-3/#11textinfo), and the
 * EXIF user comment of a JPEG or a WebP, which A1111 writes its parameters to. What is damaged has no texts.
 */
import { readUserComment } from './user-comment.ts'

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const latin1 = new TextDecoder('latin1')
const utf8 = new TextDecoder()

export async function readPictureTexts(bytes: Uint8Array<ArrayBuffer>): Promise<ReadonlyMap<string, string>> {
  try {
    if (PNG.every((value, i) => bytes[i] === value)) return await readPngTexts(bytes)
    const comment = readUserComment(bytes)
    return new Map(comment === null ? [] : [['UserComment', comment]])
  } catch (thrown) {
    if (thrown instanceof RangeError || thrown instanceof TypeError) return new Map() // cut off in the middle
    throw thrown
  }
}

async function readPngTexts(bytes: Uint8Array<ArrayBuffer>): Promise<Map<string, string>> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const texts = new Map<string, string>()
  for (let offset = 8; offset + 12 <= bytes.length;) {
    const length = view.getUint32(offset)
    const type = latin1.decode(bytes.subarray(offset + 4, offset + 8))
    if (/^(tEXt|zTXt|iTXt)$/.test(type)) {
      const data = bytes.slice(offset + 8, offset + 8 + length)
      const keyEnd = data.indexOf(0)
      texts.set(latin1.decode(data.subarray(0, keyEnd)), await textOf(type, data, keyEnd))
    }
    offset += 12 + length
  }
  return texts
}

/** keyword 0 text | keyword 0 method zlib | keyword 0 flag method language 0 keyword 0 text-or-zlib */
async function textOf(type: string, data: Uint8Array<ArrayBuffer>, keyEnd: number): Promise<string> {
  if (type === 'tEXt') return latin1.decode(data.subarray(keyEnd + 1))
  if (type === 'zTXt') return latin1.decode(await inflate(data.slice(keyEnd + 2)))
  const isCompressed = data[keyEnd + 1] === 1
  const languageEnd = data.indexOf(0, keyEnd + 3)
  const body = data.slice(data.indexOf(0, languageEnd + 1) + 1)
  return utf8.decode(isCompressed ? await inflate(body) : body)
}

async function inflate(data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  return new Response(new Blob([data]).stream().pipeThrough(new DecompressionStream('deflate'))).arrayBuffer()
}
