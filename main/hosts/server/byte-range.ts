/** The `Range` header of one range (https://www.rfc-editor.org/rfc/rfc9110#section-14). Pure. */

export interface ByteRange {
  first: number
  /** Included. */
  last: number
}

/** `null`: send everything (no range, several, or another unit); 'impossible': nothing of it exists (416). */
export function parseRange(header: string | undefined, sizeBytes: number): ByteRange | null | 'impossible' {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (match === null) return null
  const [, from = '', to = ''] = match
  if (from === '' && to === '') return null
  if (from === '') {
    const length = Math.min(Number(to), sizeBytes)
    return length === 0 ? 'impossible' : { first: sizeBytes - length, last: sizeBytes - 1 }
  }
  const first = Number(from)
  const last = to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1)
  if (first >= sizeBytes) return 'impossible'
  return last < first ? null : { first, last }
}
