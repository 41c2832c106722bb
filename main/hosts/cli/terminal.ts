/** Where a command writes: answers to standard output, everything else (progress, errors) to standard error. */
import { stripVTControlCharacters } from 'node:util'
import { startOf } from '#contract/parse'

export interface Terminal {
  /** One line of the answer. */
  print(line: string): void
  /** One line for the person who waits. */
  say(line: string): void
  /** Replaces the last `status` of a terminal; nothing where output goes to a file. Empty text removes it. */
  status(text: string): void
  /** A person looks at standard error. */
  readonly isInteractive: boolean
}

export interface OutputStream {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

export function createTerminal(stdout: OutputStream, stderr: OutputStream): Terminal {
  const isInteractive = stderr.isTTY === true
  let hasStatus = false
  function clear(): void {
    if (hasStatus) stderr.write('\r\u001b[2K')
    hasStatus = false
  }
  return {
    isInteractive,
    print(line) {
      clear()
      stdout.write(`${line}\n`)
    },
    say(line) {
      clear()
      stderr.write(`${line}\n`)
    },
    status(text) {
      if (!isInteractive) return
      clear()
      if (text === '') return
      stderr.write(startOf(text, widthOf(stderr) - 1))
      hasStatus = true
    },
  }
}

/** A terminal that does not know its width says 0. */
function widthOf({ columns = 0 }: OutputStream): number {
  return columns === 0 ? 80 : Math.max(20, columns)
}

/** Text of a prompt as it may stand in a terminal: one line, no control characters, cut. */
export function showText(text: string, maxChars: number): string {
  const line = stripVTControlCharacters(text).replaceAll(/\p{Cc}+/gu, ' ')
  return line.length <= maxChars ? line : `${startOf(line, maxChars - 1)}…`
}
