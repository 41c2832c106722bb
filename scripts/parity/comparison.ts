/** Compares what Easel computes with what a reference recorded, value by value, and keeps what a report needs of it. */

export interface CaseResult {
  id: string
  passed: boolean
  worstError: number
  tolerance: number
  /** What was compared when it failed first, or where the error was largest. */
  where: string
  expected: string
  actual: string
}

export interface ParityCase {
  id: string
  run(): CaseResult | Promise<CaseResult>
}

export interface Tolerance {
  absolute?: number
  /** Of the expected value. */
  relative?: number
}

const SHOWN_CHARS = 120

/** A case made of comparisons; what the body throws is a failure with its message. */
export function parityCase(id: string, body: (comparison: Comparison) => void): ParityCase {
  return {
    id,
    run() {
      const comparison = new Comparison(id)
      try {
        body(comparison)
        if (comparison.count === 0) comparison.fail('the case', 'something to compare', 'nothing')
      } catch (error) {
        comparison.fail('the run', 'a result', error instanceof Error ? error.message : String(error))
      }
      return comparison.result
    },
  }
}

/** A case that cannot be run counts as failed, never as skipped. */
export function failingCase(id: string, reason: string): ParityCase {
  return parityCase(id, comparison => comparison.fail('the case', 'a kind that can be run', reason))
}

export class Comparison {
  result: CaseResult
  count = 0
  #worstShare = -1

  constructor(id: string) {
    this.result = { id, passed: true, worstError: 0, tolerance: 0, where: '', expected: '', actual: '' }
  }

  fail(where: string, expected: string, actual: string): void {
    if (!this.result.passed) return
    this.result = { ...this.result, passed: false, worstError: Infinity, where, expected, actual }
  }

  /** Whole numbers, bytes, words, lists of them. */
  exact(where: string, expected: unknown, actual: unknown): void {
    this.count++
    const [wanted, found] = [expected, actual].map(toText)
    if (wanted !== found) this.fail(where, shorten(wanted), shorten(found))
  }

  close(
    where: string,
    expected: ArrayLike<number> | number,
    actual: ArrayLike<number> | number,
    tolerance: Tolerance,
  ): void {
    const [wanted, found] = [expected, actual].map(value => (typeof value === 'number' ? [value] : value))
    this.count++
    if (wanted.length !== found.length) this.fail(where, `${wanted.length} values`, `${found.length} values`)
    const { absolute = 0, relative = 0 } = tolerance
    for (let i = 0; i < wanted.length; i++) {
      this.#note(
        wanted.length === 1 ? where : `${where}[${i}]`,
        wanted[i],
        found[i],
        absolute + relative * Math.abs(wanted[i]),
      )
    }
  }

  #note(where: string, expected: number, actual: number, tolerance: number): void {
    if (!this.result.passed) return
    const error = Object.is(expected, actual) ? 0 : Math.abs(expected - actual)
    const passed = error <= tolerance // false for NaN
    const share = error === 0 ? 0 : passed ? error / tolerance : Infinity
    if (share <= this.#worstShare) return
    this.#worstShare = share
    const shown = { where, expected: String(expected), actual: String(actual) }
    this.result = { ...this.result, ...shown, passed, worstError: error, tolerance }
  }
}

function toText(value: unknown): string {
  return JSON.stringify(ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number>) : value)
}

function shorten(text: string): string {
  return text.length <= SHOWN_CHARS ? text : `${text.slice(0, SHOWN_CHARS)}…`
}
