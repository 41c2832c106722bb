/**
 * The unigram language model of SentencePiece (Kudo 2018, arXiv 1804.10959): of all ways to cut a text into known pieces,
 * the one of the highest probability, found by dynamic programming (Viterbi). Ties go to the cut that was found first.
 *
 *   best(0) = 0      best(j) = max over pieces x[i..j) of best(i) + score(piece)      unknown character: min score - 10
 */

export interface UnigramModel {
  /** Pieces with their log-probabilities; the index is the id. */
  pieces: readonly (readonly [string, number])[]
  unknownId: number
}

const UNKNOWN_PENALTY = 10

interface Best {
  score: number
  start: number
  isUnknown: boolean
}

/** Text after normalisation and splitting -> ids. Neighbouring unknown characters are one unknown. */
export function createUnigram({ pieces, unknownId }: UnigramModel): (text: string) => number[] {
  const ids = new Map(pieces.map(([piece], id) => [piece, id]))
  const unknownScore = pieces.reduce((min, [, score]) => Math.min(min, score), Infinity) - UNKNOWN_PENALTY
  const longest = pieces.reduce((max, [piece]) => Math.max(max, Array.from(piece).length), 0)

  function bestCuts(characters: readonly string[]): (Best | undefined)[] {
    const best: (Best | undefined)[] = [{ score: 0, start: 0, isUnknown: false }]
    for (let start = 0; start < characters.length; start++) {
      const before = best[start]?.score ?? 0
      const offer = (end: number, score: number, isUnknown: boolean): void => {
        const known = best[end]
        if (known === undefined || score > known.score) best[end] = { score, start, isUnknown }
      }
      let piece = ''
      let isKnown = false
      for (let end = start + 1; end <= Math.min(characters.length, start + longest); end++) {
        piece += characters[end - 1]
        const id = ids.get(piece)
        if (id === undefined) continue
        offer(end, before + pieces[id][1], false)
        isKnown ||= end === start + 1
      }
      if (!isKnown) offer(start + 1, before + unknownScore, true)
    }
    return best
  }

  return text => {
    const characters = Array.from(text)
    const best = bestCuts(characters)
    const found: string[] = []
    let wasUnknown = false
    for (let end = characters.length; end > 0;) {
      const { start, isUnknown } = best[end] ?? { start: end - 1, isUnknown: true }
      const piece = characters.slice(start, end).join('')
      if (isUnknown && wasUnknown) found.push(piece + (found.pop() ?? ''))
      else found.push(piece)
      wasUnknown = isUnknown
      end = start
    }
    return found.reverse().map(piece => ids.get(piece) ?? unknownId)
  }
}
