/**
 * The prompt syntax that users know from A1111's web UI (wiki: Features, Attention/emphasis):
 *   (x) weighs x by 1.1, [x] by 1/1.1, (x:1.3) by 1.3; groups nest and multiply; \( \) \[ \] \\ are the characters;
 *   BREAK begins a new window of tokens. AND (composed prompts) is refused, because leaving it out would change the meaning.
 * A bracket that is never closed weighs all that follows; a closing one alone is a character.
 */
import { invalidInput, showValue } from '#contract/parse'
import type { Prompt, PromptPiece } from './prompt.ts'

const ROUND_WEIGHT = 1.1
const SQUARE_WEIGHT = 1 / 1.1

// Escapes, a weight with its bracket, brackets, words that mean something, the rest.
const TOKENS =
  /\\[()[\]\\]|:\s*(?<weight>[+-]?(?:\d+\.?\d*|\.\d+))\s*\)|[()[\]]|\s*\b(?<break>BREAK)\b\s*|\b(?<and>AND)\b|[^\\()[\]:\sBA]+|[\s\S]/g

/** `path` is the field's name for messages: "prompt", "negativePrompt". Throws `invalid-input` for AND. */
export function parsePrompt(text: string, path: string): Prompt {
  const sections: PromptPiece[][] = [[]]
  const open: { bracket: '(' | '['; section: number; piece: number }[] = []
  const add = (piece: string): void => void sections[sections.length - 1].push({ text: piece, weight: 1 })
  const close = (weight: number): void => {
    const start = open.pop()
    if (start) weigh(sections, start, weight)
  }
  const isInside = (bracket: '(' | '['): boolean => open.at(-1)?.bracket === bracket

  for (const { 0: token, groups } of text.matchAll(TOKENS)) {
    if (groups?.['and'] !== undefined) throw refusedAnd(path, text)
    if (groups?.['break'] !== undefined) sections.push([])
    else if (groups?.['weight'] !== undefined && isInside('(')) close(Number(groups['weight']))
    else if (token === '(' || token === '[') {
      open.push({ bracket: token, section: sections.length - 1, piece: sections[sections.length - 1].length })
    } else if (token === ')' && isInside('(')) close(ROUND_WEIGHT)
    else if (token === ']' && isInside('[')) close(SQUARE_WEIGHT)
    else add(/^\\[()[\]\\]$/.test(token) ? token.slice(1) : token)
  }
  while (open.length > 0) close(open.at(-1)?.bracket === '(' ? ROUND_WEIGHT : SQUARE_WEIGHT)
  return sections.map(joinEqualWeights)
}

/** Multiplies all pieces since the bracket; it may have been opened in an earlier section. */
function weigh(sections: PromptPiece[][], start: { section: number; piece: number }, weight: number): void {
  for (let section = start.section; section < sections.length; section++) {
    const pieces = sections[section]
    for (let i = section === start.section ? start.piece : 0; i < pieces.length; i++) {
      pieces[i] = { text: pieces[i].text, weight: pieces[i].weight * weight }
    }
  }
}

/** Pieces are tokenised one by one: without this, a word would be cut where the syntax was only looked at. */
function joinEqualWeights(pieces: readonly PromptPiece[]): PromptPiece[] {
  const joined: PromptPiece[] = []
  for (const piece of pieces) {
    const last = joined.at(-1)
    if (last?.weight === piece.weight) joined[joined.length - 1] = { text: last.text + piece.text, weight: last.weight }
    else joined.push(piece)
  }
  return joined
}

function refusedAnd(path: string, text: string): Error {
  const allowed = 'a prompt without the word AND in capitals: composed prompts are not possible (write "and")'
  return invalidInput([{ path, value: showValue(text), allowed }])
}
