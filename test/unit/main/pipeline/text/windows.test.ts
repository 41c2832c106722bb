import { describe, expect, it } from 'vitest'
import type { Tokenizer } from '#pipeline/text/clip-tokenizer'
import { applyWeights } from '#pipeline/text/token-weights'
import { toWindows } from '#pipeline/text/windows'

/** Every character is a token. */
const tokenizer: Tokenizer = {
  bosId: 1,
  eosId: 2,
  padId: 0,
  maxLength: null,
  encode: text => Array.from(text, c => c.charCodeAt(0)),
}
const plain = (text: string) => [[{ text, weight: 1 }]]
const LENGTH = 5

describe('windows of tokens', () => {
  it('hold begin, text, end and padding', () => {
    expect(toWindows(tokenizer, plain('ab'), LENGTH)).toEqual({
      windows: [{ ids: [1, 97, 98, 2, 0], weights: null }],
      cutTokens: 0,
    })
  })

  it('are as many as the text needs', () => {
    const { windows } = toWindows(tokenizer, plain('abcdefg'), LENGTH)
    expect(windows.map(({ ids }) => ids)).toEqual([
      [1, 97, 98, 99, 2],
      [1, 100, 101, 102, 2],
      [1, 103, 2, 0, 0],
    ])
  })

  it('say how much they leave out when their number is limited', () => {
    expect(toWindows(tokenizer, plain('abcdefg'), LENGTH, 2).cutTokens).toBe(1)
  })

  it('begin anew with every section', () => {
    const { windows } = toWindows(tokenizer, [[{ text: 'a', weight: 1 }], [{ text: 'b', weight: 1 }]], LENGTH)
    expect(windows.map(({ ids }) => ids)).toEqual([
      [1, 97, 2, 0, 0],
      [1, 98, 2, 0, 0],
    ])
  })

  it.each([[[]], [[[]]], [plain('')]])('of an empty prompt are one', prompt => {
    expect(toWindows(tokenizer, prompt, LENGTH).windows).toEqual([{ ids: [1, 2, 0, 0, 0], weights: null }])
  })

  it('carry a weight for every token of the text, and 1 for the others', () => {
    const { windows } = toWindows(
      tokenizer,
      [
        [
          { text: 'a', weight: 2 },
          { text: 'b', weight: 1 },
        ],
      ],
      LENGTH,
    )
    expect(windows[0]?.weights).toEqual([1, 2, 1, 1, 1])
  })
})

describe('weights of tokens', () => {
  const states = { dims: [1, 3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) }
  it('leave the mean as it was', () => {
    const { data } = applyWeights(states, [1, 2, 1])
    const mean = (values: Float32Array) => values.reduce((sum, v) => sum + v, 0) / values.length
    expect(mean(data)).toBeCloseTo(3.5, 5)
    expect(data[2] / data[0]).toBeCloseTo(6, 5)
  })

  it('change nothing where there are none', () => {
    expect(applyWeights(states, null)).toBe(states)
  })

  it('may be zero for all', () => {
    expect(Array.from(applyWeights(states, [0, 0, 0]).data)).toEqual([0, 0, 0, 0, 0, 0])
  })
})
