/** A text cut at its marks, for drawing: every piece says how it is marked. Pure. */

export interface Mark {
  start: number
  end: number
  kind: 'unknown' | 'wrong' | 'pair'
}

interface Piece {
  text: string
  kind: Mark['kind'] | null
}

/** The last piece ends in a line break, so that a text which ends in one shows its empty line. Marks that overlap lose to the earlier one. */
export function markedPieces(text: string, marks: readonly Mark[]): Piece[] {
  const pieces: Piece[] = []
  let at = 0
  for (const { start, end, kind } of marks.toSorted((a, b) => a.start - b.start)) {
    if (start < at || end > text.length) continue
    if (start > at) pieces.push({ text: text.slice(at, start), kind: null })
    pieces.push({ text: text.slice(start, end), kind })
    at = end
  }
  return [...pieces, { text: `${text.slice(at)}\n`, kind: null }]
}
