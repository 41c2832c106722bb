/**
 * RGB pixels -> a baseline JPEG file (ITU-T T.81, JFIF 1.02), for previews: a fraction of a millisecond for some thousand
 * pixels. Own code instead of a library's because handing so little to another thread costs the engine 2 ms between two
 * steps of 14. No subsampling, one quantisation and one pair of Huffman tables (those of annex K) for all three channels.
 */
import type { PixelImage } from './pixel-image.ts'

type RgbPicture = Pick<PixelImage, 'width' | 'height' | 'data'>

const SIDE = 8
const AREA = SIDE * SIDE
/** Table K.1 at a fifth of its steps, which an eye cannot tell from the original. */
const STEPS = Uint8Array.from(
  [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
    87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
    72, 92, 95, 98, 112, 100, 103, 99,
  ],
  step => Math.round(step / 5),
)
/** Place of the k-th coefficient in the block: along the antidiagonals, every second one upwards. */
const ZIGZAG = Uint8Array.from(
  Array.from({ length: AREA }, (_, place) => place).sort((a, b) => {
    const [diagonalA, diagonalB] = [a, b].map(place => (place % SIDE) + Math.floor(place / SIDE))
    if (diagonalA !== diagonalB) return diagonalA - diagonalB
    return diagonalA % 2 === 0 ? b - a : a - b
  }),
)

/** A Huffman table as the file has it: how many codes of 1 to 16 bits there are, and their symbols in order. */
interface HuffmanTable {
  counts: readonly number[]
  symbols: Uint8Array
}

/** Table K.3: by the size of the difference. */
const DC: HuffmanTable = {
  counts: [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0],
  symbols: Uint8Array.from({ length: 12 }, (_, size) => size),
}
/** Table K.5: by zeros before the coefficient (high half) and its size. */
const AC: HuffmanTable = {
  counts: [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125],
  symbols: Uint8Array.from(
    Buffer.from(
      '01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a343536373839' +
        '3a434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6' +
        'a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa',
      'hex',
    ),
  ),
}
const DC_CODES = codesOf(DC)
const AC_CODES = codesOf(AC)
const END_OF_BLOCK = 0x00
const SIXTEEN_ZEROS = 0xf0

/** C_u = cos(u pi / 16) / 2; section A.3.3 in one dimension is X_u = sum over x of C_{(2 x + 1) u} f_x, with C_4 for X_0. */
const [, C1, C2, C3, C4, C5, C6, C7] = Array.from({ length: SIDE }, (_, u) => Math.cos((u * Math.PI) / 16) / 2)

/** 65535 pixels a side at most. */
export function encodeJpeg({ width, height, data }: RgbPicture): Uint8Array {
  const head = headerOf(width, height)
  const blocks = Math.ceil(width / SIDE) * Math.ceil(height / SIDE) * 3
  const out = new Uint8Array(head.length + blocks * AREA * 4 + 4) // 26 bits a coefficient at most, and stuffed zeros
  out.set(head)
  const bits = new BitWriter(out, head.length)
  const previous = [0, 0, 0]
  const block = new Float64Array(AREA)
  for (let top = 0; top < height; top += SIDE) {
    for (let left = 0; left < width; left += SIDE) {
      for (let channel = 0; channel < 3; channel++) {
        readBlock(block, { width, height, data }, top, left, channel)
        transform(block)
        previous[channel] = writeBlock(bits, block, previous[channel])
      }
    }
  }
  const end = bits.finish()
  out.set([0xff, 0xd9], end)
  return out.subarray(0, end + 2)
}

/** Shares of red, green and blue in luma and in the two colour differences, and what is taken off (JFIF 1.02). */
const CHANNELS = [
  { red: 0.299, green: 0.587, blue: 0.114, less: 128 },
  { red: -0.168736, green: -0.331264, blue: 0.5, less: 0 },
  { red: 0.5, green: -0.418688, blue: -0.081312, less: 0 },
]

/** Values around 0; the picture's edges go on outside of it. */
function readBlock(out: Float64Array, picture: RgbPicture, top: number, left: number, channel: number): void {
  const { width, height, data } = picture
  const { red, green, blue, less } = CHANNELS[channel]
  for (let y = 0, i = 0; y < SIDE; y++) {
    const row = Math.min(top + y, height - 1) * width
    for (let x = 0; x < SIDE; x++, i++) {
      const pixel = (row + Math.min(left + x, width - 1)) * 3
      out[i] = red * data[pixel] + green * data[pixel + 1] + blue * data[pixel + 2] - less
    }
  }
}

/** The discrete cosine transform of the rows, then of the columns, in place. */
function transform(block: Float64Array): void {
  for (let y = 0; y < SIDE; y++) transformLine(block, y * SIDE, 1)
  for (let x = 0; x < SIDE; x++) transformLine(block, x, SIDE)
}

/** Cosines are the same or opposite on both sides of the middle: sums give the even terms, differences the odd ones. */
function transformLine(values: Float64Array, first: number, step: number): void {
  const last = first + 7 * step
  const s0 = values[first] + values[last]
  const d0 = values[first] - values[last]
  const s1 = values[first + step] + values[last - step]
  const d1 = values[first + step] - values[last - step]
  const s2 = values[first + 2 * step] + values[last - 2 * step]
  const d2 = values[first + 2 * step] - values[last - 2 * step]
  const s3 = values[first + 3 * step] + values[last - 3 * step]
  const d3 = values[first + 3 * step] - values[last - 3 * step]
  values[first] = C4 * (s0 + s1 + s2 + s3)
  values[first + step] = C1 * d0 + C3 * d1 + C5 * d2 + C7 * d3
  values[first + 2 * step] = C2 * (s0 - s3) + C6 * (s1 - s2)
  values[first + 3 * step] = C3 * d0 - C7 * d1 - C1 * d2 - C5 * d3
  values[first + 4 * step] = C4 * (s0 - s1 - s2 + s3)
  values[first + 5 * step] = C5 * d0 - C1 * d1 + C7 * d2 + C3 * d3
  values[first + 6 * step] = C6 * (s0 - s3) - C2 * (s1 - s2)
  values[first + 7 * step] = C7 * d0 - C5 * d1 + C3 * d2 - C1 * d3
}

/** Returns the quantised mean, which the channel's next block is written as a difference to. */
function writeBlock(bits: BitWriter, block: Float64Array, previous: number): number {
  const mean = Math.round(block[0] / STEPS[0])
  const change = mean - previous
  bits.code(DC_CODES, sizeOf(change))
  bits.value(change, sizeOf(change))
  let zeros = 0
  for (let k = 1; k < AREA; k++) {
    const place = ZIGZAG[k]
    const level = Math.round(block[place] / STEPS[place])
    if (level === 0) {
      zeros++
      continue
    }
    for (; zeros > 15; zeros -= 16) bits.code(AC_CODES, SIXTEEN_ZEROS)
    const size = sizeOf(level)
    bits.code(AC_CODES, (zeros << 4) | size)
    bits.value(level, size)
    zeros = 0
  }
  if (zeros > 0) bits.code(AC_CODES, END_OF_BLOCK)
  return mean
}

/** Bits that a number needs beside its size. */
function sizeOf(value: number): number {
  return 32 - Math.clz32(Math.abs(value))
}

/** By symbol: the code above its length of five bits. */
function codesOf({ counts, symbols }: HuffmanTable): Uint32Array {
  const codes = new Uint32Array(256)
  let code = 0
  let at = 0
  counts.forEach((count, i) => {
    for (let n = 0; n < count; n++) codes[symbols[at++]] = (code++ << 5) | (i + 1)
    code <<= 1
  })
  return codes
}

class BitWriter {
  readonly #out: Uint8Array
  #at: number
  /** Bits that wait for their byte, and how many: 7 at most. */
  #waiting = 0
  #count = 0

  constructor(out: Uint8Array, start: number) {
    this.#out = out
    this.#at = start
  }

  code(codes: Uint32Array, symbol: number): void {
    const code = codes[symbol]
    this.#write(code >>> 5, code & 31)
  }

  /** Negative numbers as their one's complement, section F.1.2.1. */
  value(value: number, size: number): void {
    if (size > 0) this.#write(value < 0 ? value + (1 << size) - 1 : value, size)
  }

  /** Fills the last byte with ones; returns where the bytes end. */
  finish(): number {
    if (this.#count > 0) this.#write((1 << (8 - this.#count)) - 1, 8 - this.#count)
    return this.#at
  }

  #write(value: number, size: number): void {
    this.#waiting = (this.#waiting << size) | value
    this.#count += size
    while (this.#count >= 8) {
      this.#count -= 8
      const byte = (this.#waiting >>> this.#count) & 0xff
      this.#out[this.#at++] = byte
      if (byte === 0xff) this.#out[this.#at++] = 0 // so that it is not taken for a marker
    }
    this.#waiting &= (1 << this.#count) - 1
  }
}

/** Everything before the scan. */
function headerOf(width: number, height: number): Uint8Array {
  const channels = [1, 2, 3]
  const word = (value: number) => [value >> 8, value & 0xff]
  const segment = (marker: number, ...body: number[]) => [0xff, marker, ...word(body.length + 2), ...body]
  const table = (id: number, { counts, symbols }: HuffmanTable) => [id, ...counts, ...symbols]
  return Uint8Array.from([
    ...[0xff, 0xd8],
    ...segment(0xe0, ...Buffer.from('JFIF\0', 'latin1'), ...[1, 2, 0, ...word(1), ...word(1), 0, 0]),
    ...segment(0xdb, 0, ...ZIGZAG.map(place => STEPS[place])),
    ...segment(0xc0, 8, ...word(height), ...word(width), 3, ...channels.flatMap(id => [id, 0x11, 0])),
    ...segment(0xc4, ...table(0x00, DC), ...table(0x10, AC)),
    ...segment(0xda, 3, ...channels.flatMap(id => [id, 0x00]), 0, AREA - 1, 0),
  ])
}
