/**
 * Reads `spiece.model`, SentencePiece's own file: the pieces with their scores and the table of characters.
 * https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto
 */
import { AppError } from '#contract/errors'

export interface SentencePieceModel {
  pieces: [string, number][]
  unknownId: number
  /** Empty where the model leaves characters as they are. */
  charsmap: Uint8Array
}

const UNIGRAM = 1
const PIECE = { text: 1, score: 2, type: 3 } as const
const UNKNOWN_TYPE = 2

/** Throws `model-corrupt` naming `file`, or `model-incompatible` where it is no unigram model. */
export function parseSentencePiece(bytes: Uint8Array, file: string): SentencePieceModel {
  const model: SentencePieceModel = { pieces: [], unknownId: -1, charsmap: new Uint8Array() }
  const seen = new Set<number>()
  for (const field of fieldsOf(bytes, file)) {
    seen.add(field.number)
    if (field.number === 1) readPiece(field.bytes, file, model)
    else if (field.number === 2) checkType(field.bytes, file)
    else if (field.number === 3) {
      for (const part of fieldsOf(field.bytes, file)) if (part.number === 2) model.charsmap = part.bytes
    }
  }
  // Both specs stand behind the pieces: a file that was cut off between two pieces lacks them.
  if (!seen.has(2) || !seen.has(3) || model.unknownId === -1) throw corrupt(file)
  return model
}

function readPiece(bytes: Uint8Array, file: string, model: SentencePieceModel): void {
  let [text, score] = ['', 0]
  for (const field of fieldsOf(bytes, file)) {
    if (field.number === PIECE.text) text = new TextDecoder().decode(field.bytes)
    else if (field.number === PIECE.score && field.bytes.length === 4) {
      score = new DataView(field.bytes.buffer, field.bytes.byteOffset, 4).getFloat32(0, true)
    } else if (field.number === PIECE.type && field.value === UNKNOWN_TYPE) model.unknownId = model.pieces.length
  }
  model.pieces.push([text, score])
}

function checkType(trainer: Uint8Array, file: string): void {
  for (const { number, value } of fieldsOf(trainer, file)) {
    if (number !== 3 || value === UNIGRAM) continue
    throw new AppError('model-incompatible', `${file} is not a unigram model, the only kind that T5 uses.`, {
      details: { file, expected: UNIGRAM, actual: value },
    })
  }
}

interface Field {
  number: number
  /** Of a varint. */
  value: number
  /** Of the other wire types. */
  bytes: Uint8Array
}

function* fieldsOf(bytes: Uint8Array, file: string): Generator<Field> {
  let position = 0
  function varint(): number {
    let [value, scale] = [0, 1]
    for (let i = 0; i < 10 && position < bytes.length; i++) {
      const byte = bytes[position++]
      value += (byte & 0x7f) * scale
      scale *= 0x80
      if (byte < 0x80) return value
    }
    throw corrupt(file)
  }
  while (position < bytes.length) {
    const tag = varint()
    const [number, wire] = [Math.floor(tag / 8), tag % 8]
    if (wire === 0) {
      yield { number, value: varint(), bytes: new Uint8Array() }
      continue
    }
    const length = wire === 2 ? varint() : wire === 5 ? 4 : wire === 1 ? 8 : Infinity
    if (length > bytes.length - position) throw corrupt(file)
    yield { number, value: 0, bytes: bytes.subarray(position, position + length) }
    position += length
  }
}

function corrupt(file: string): AppError {
  return new AppError('model-corrupt', `${file} is damaged: it is not a whole SentencePiece model.`, {
    details: { file },
  })
}
