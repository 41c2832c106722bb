/**
 * SentencePiece's compiled table of replacements (`precompiled_charsmap`, for T5 "nmt_nfkc"): a double-array trie from UTF-8
 * bytes to the place of the replacement in a list of zero-ended texts. Applied as the fast tokenizers do it: grapheme by
 * grapheme, the shortest key that a grapheme begins with. https://github.com/huggingface/spm_precompiled
 *
 *   file = bytes of the trie (u32) | trie (u32 each) | replacements         a trie unit u:
 *   label = u & 0x800000ff    leaf = u >> 8 & 1    value = u & 0x7fffffff    offset = (u >> 10) << ((u & 0x200) >> 6)
 */
import { AppError } from '#contract/errors'

/** Graphemes of so many bytes and more are looked up character by character. */
const LONG_GRAPHEME_BYTES = 6

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' })
const encoder = new TextEncoder()

/** `table` as it stands in the tokenizer's file; `file` is for messages. Throws `model-corrupt`. */
export function createCharsmap(table: Uint8Array, file: string): (text: string) => string {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength)
  const trieBytes = table.length >= 4 ? view.getUint32(0, true) : 0
  if (trieBytes === 0 || trieBytes % 4 !== 0 || trieBytes + 4 > table.length) {
    throw new AppError('model-corrupt', `${file} has a damaged table of characters.`, { details: { file } })
  }
  const units = Uint32Array.from({ length: trieBytes / 4 }, (_, i) => view.getUint32(4 + 4 * i, true))
  const replacements = table.subarray(4 + trieBytes)

  function replace(part: string): string | null {
    const start = shortestMatch(units, encoder.encode(part))
    if (start === null) return null
    const end = replacements.indexOf(0, start)
    return new TextDecoder().decode(replacements.subarray(start, end === -1 ? undefined : end))
  }

  return text => {
    let result = ''
    for (const { segment } of graphemes.segment(text)) {
      const whole = encoder.encode(segment).length < LONG_GRAPHEME_BYTES ? replace(segment) : null
      result += whole ?? Array.from(segment, character => replace(character) ?? character).join('')
    }
    return result
  }
}

function shortestMatch(units: Uint32Array, key: Uint8Array): number | null {
  let node = offsetOf(units[0])
  for (const byte of key) {
    if (byte === 0) return null
    node ^= byte
    const unit = units[node]
    if (unit === undefined || (unit & 0x800000ff) >>> 0 !== byte) return null
    node ^= offsetOf(unit)
    if (((unit >>> 8) & 1) === 1) return units[node] === undefined ? null : units[node] & 0x7fffffff
  }
  return null
}

function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6)
}
