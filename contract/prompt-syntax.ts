/**
 * Reads weights out of a prompt, in the grammar of A1111's web UI ("attention/emphasis",
 * https://github.com/AUTOMATIC1111/stable-diffusion-webui/wiki/Features), which the community's other programs share.
 *
 *   (x)  x * 1.1    [x]  x / 1.1    (x:1.3)  x * 1.3    \( \) \[ \] \\  the character itself    BREAK  a new window
 *
 * Brackets nest and multiply. A bracket that is never closed weighs everything behind it; one that was never opened is text;
 * so is a weight in square brackets. AND, which means several prompts at once there, is refused.
 */
import { invalidInput, showValue } from './parse.ts'
import type { Prompt, PromptPiece } from './prompt.ts'

const ROUND = 1.1
const SQUARE = 1 / 1.1

const TOKENS = /\\[()[\]\\]|\\|\(|\[|:\s*([+-]?[.\d]+)\s*\)|\)|\]|[^\\()[\]:]+|:/gu
const BREAK = /\s*\bBREAK\b\s*/u
const AND = /\bAND\b/u

/** `field` names the prompt in a message. Throws `invalid-input` for AND and for a weight that is no number. */
export function parsePrompt(prompt: string, field = 'prompt'): Prompt {
  if (AND.test(prompt)) {
    const allowed = 'no AND in capitals: prompts cannot be combined by it; write "and", or BREAK to begin a new part'
    throw invalidInput([{ path: field, value: showValue(prompt), allowed }])
  }
  const reader = new Reader(field)
  for (const token of prompt.matchAll(TOKENS)) reader.take(token[0], token[1])
  return reader.sections()
}

interface OpenBracket {
  sign: '(' | '['
  /** Number of pieces before it. */
  start: number
}

class Reader {
  private readonly field: string
  private pieces: (PromptPiece | 'break')[] = []
  private readonly open: OpenBracket[] = []

  constructor(field: string) {
    this.field = field
  }

  take(token: string, weight: string | undefined): void {
    if (token.startsWith('\\'))
      this.add(token.slice(1)) // a lone one escapes nothing and is dropped
    else if (token === '(' || token === '[') this.open.push({ sign: token, start: this.pieces.length })
    else if (weight !== undefined && this.isOpen('(')) this.close('(', this.toWeight(weight))
    else if (token === ')' && this.isOpen('(')) this.close('(', ROUND)
    else if (token === ']' && this.isOpen('[')) this.close('[', SQUARE)
    else this.addText(token)
  }

  /** Neighbours of one weight are one piece, as words may only be cut into tokens together. A BREAK at the end adds nothing. */
  sections(): Prompt {
    for (const { sign, start } of this.open) this.multiply(start, sign === '(' ? ROUND : SQUARE)
    const sections: PromptPiece[][] = [[]]
    for (const piece of this.pieces) {
      const section = sections.at(-1) ?? []
      const last = section.at(-1)
      if (piece === 'break') sections.push([])
      else if (last?.weight === piece.weight) section[section.length - 1] = { ...last, text: last.text + piece.text }
      else section.push(piece)
    }
    while (sections.length > 1 && sections.at(-1)?.every(({ text }) => text.trim() === '')) sections.pop()
    return sections
  }

  /** Round and square brackets are two stacks: "(a [b) c]" weighs a b by the round pair and b c by the square one. */
  private isOpen(sign: OpenBracket['sign']): boolean {
    return this.open.some(bracket => bracket.sign === sign)
  }

  private close(sign: OpenBracket['sign'], factor: number): void {
    const index = this.open.findLastIndex(bracket => bracket.sign === sign)
    const [bracket] = this.open.splice(index, 1)
    if (bracket !== undefined) this.multiply(bracket.start, factor)
  }

  private multiply(start: number, factor: number): void {
    this.pieces = this.pieces.map((piece, i) =>
      i < start || piece === 'break' ? piece : { ...piece, weight: piece.weight * factor },
    )
  }

  private addText(text: string): void {
    for (const [i, part] of text.split(BREAK).entries()) {
      if (i > 0) this.pieces.push('break')
      this.add(part)
    }
  }

  private add(text: string): void {
    if (text !== '') this.pieces.push({ text, weight: 1 })
  }

  private toWeight(written: string): number {
    const weight = Number(written)
    if (Number.isFinite(weight)) return weight
    throw invalidInput([{ path: this.field, value: `weight ${showValue(written)}`, allowed: 'a number such as 1.3' }])
  }
}
