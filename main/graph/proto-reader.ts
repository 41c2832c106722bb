/**
 * Reads the protobuf wire format field by field without holding the message: what a caller does not ask for is stepped
 * over by its length, so a file of 10 GB costs a few reads. Damage is `model-corrupt` with file and byte offset.
 * https://protobuf.dev/programming-guides/encoding/
 *
 *   message = (tag value)*        tag = varint(number << 3 | wire)
 *   wire 0: varint    1: 8 bytes    2: varint length, bytes    5: 4 bytes
 */
import { AppError } from '#contract/errors'
import type { ByteSource } from './byte-source.ts'

const WINDOW_BYTES = 16 * 1024
const MAX_VARINT_BYTES = 10
const MAX_TEXT_BYTES = 64 * 1024
/** The largest graphs known have some 300,000; a file of garbage may not keep the reader busy for ever. */
const MAX_FIELDS = 5_000_000
const VARINT = 0
const LENGTH = 2
const FIXED_BYTES: Readonly<Record<number, number>> = { 1: 8, 5: 4 }

/** A part of the file that is one message; `position` moves on. */
export interface Message {
  position: number
  readonly end: number
}

export interface Field {
  readonly number: number
  /** Set for varints: a signed 64-bit number, exact up to 2^53. */
  readonly value: number | null
  /** Set for length-delimited fields: where their bytes are. */
  readonly bytes: Readonly<{ start: number; end: number }> | null
}

export class ProtoReader {
  readonly source: ByteSource
  private window: Uint8Array = new Uint8Array()
  private windowStart = 0
  private fieldsLeft = MAX_FIELDS

  constructor(source: ByteSource) {
    this.source = source
  }

  /** The whole file as one message. */
  file(): Message {
    return { position: 0, end: this.source.size }
  }

  /** The next field of `message`, or null at its end. */
  async next(message: Message): Promise<Field | null> {
    if (message.position >= message.end) return null
    if (--this.fieldsLeft < 0) throw this.corrupt(message.position, `it has more than ${MAX_FIELDS} fields`)
    const start = message.position
    await this.cover(start, Math.min(2 * MAX_VARINT_BYTES, message.end - start))
    const tag = this.varint(message)
    const number = Math.floor(tag / 8)
    const wire = tag % 8
    if (number < 1 || number >= 2 ** 29) throw this.corrupt(start, `there is no field number ${number}`)
    if (wire === VARINT) return { number, value: this.varint(message), bytes: null }
    const length = wire === LENGTH ? this.varint(message) : FIXED_BYTES[wire]
    if (length === undefined) throw this.corrupt(start, `there is no wire type ${wire}`)
    const { position, end } = message
    if (length < 0 || length > end - position) throw this.corrupt(start, this.tooLong(length, message))
    message.position += length
    return { number, value: null, bytes: wire === LENGTH ? { start: position, end: position + length } : null }
  }

  /** Text of a length-delimited field; '' for a field of another kind. */
  async text({ bytes }: Field): Promise<string> {
    if (bytes === null) return ''
    const length = bytes.end - bytes.start
    if (length > MAX_TEXT_BYTES) throw this.corrupt(bytes.start, `a name of ${length} bytes`)
    await this.cover(bytes.start, length)
    const from = bytes.start - this.windowStart
    return new TextDecoder().decode(this.window.subarray(from, from + length))
  }

  /** Numbers of a repeated varint field, which may be packed or not; at most `limit` of them. */
  async numbers({ value, bytes }: Field, limit: number): Promise<number[]> {
    if (bytes === null) return value === null ? [] : [value]
    const packed: Message = { position: bytes.start, end: bytes.end }
    const numbers: number[] = []
    while (packed.position < packed.end) {
      if (numbers.length === limit) throw this.corrupt(packed.position, `a list of more than ${limit} numbers`)
      await this.cover(packed.position, Math.min(MAX_VARINT_BYTES, packed.end - packed.position))
      numbers.push(this.varint(packed))
    }
    return numbers
  }

  corrupt(offset: number, why: string): AppError {
    const file = this.source.name
    return new AppError('model-corrupt', `${file} is damaged at byte ${offset} of ${this.source.size}: ${why}.`, {
      details: { file, offset, size: this.source.size },
    })
  }

  private tooLong(length: number, { position, end }: Message): string {
    const over = length - (end - position)
    if (length >= 0 && end === this.source.size) return `the file is cut off, ${over} bytes are missing`
    return `a field of ${length} bytes begins where only ${end - position} are left`
  }

  /** Makes sure that `length` bytes from `offset` are in the window. */
  private async cover(offset: number, length: number): Promise<void> {
    if (offset >= this.windowStart && offset + length <= this.windowStart + this.window.length) return
    this.window = await this.source.read(offset, Math.max(length, WINDOW_BYTES))
    this.windowStart = offset
    if (this.window.length < length) throw this.corrupt(offset + this.window.length, 'the file ends here')
  }

  /** The caller has covered the bytes. */
  private varint(message: Message): number {
    let low = 0
    let scale = 1
    for (let i = 0; i < MAX_VARINT_BYTES && message.position < message.end; i++) {
      const byte = this.window[message.position++ - this.windowStart]
      low += (byte & 0x7f) * scale
      scale *= 0x80
      // Ten bytes are how a negative number is written: two's complement of 64 bits.
      if (byte < 0x80) return i === MAX_VARINT_BYTES - 1 ? low - 2 ** 64 : low
    }
    throw this.corrupt(message.position, 'a number does not end')
  }
}
