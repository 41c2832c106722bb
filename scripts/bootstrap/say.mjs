/**
 * How the bootstrap talks: one line at a time on stderr, so that stdout belongs to the command alone
 * (`npm run generate -- --json | jq` must work on the first run too).
 */

/** A failure that is explained by its sentence; a stack trace would add nothing. */
export class Problem extends Error {
  /**
   * @param {string} message what went wrong and what to do
   * @param {number} exitCode
   */
  constructor(message, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/** @param {string} line */
export function say(line) {
  process.stderr.write(`easel: ${line}\n`)
}
