import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePrompt } from '#contract/prompt-syntax'

/** One section as [text, weight rounded]. */
function pieces(prompt: string) {
  return parsePrompt(prompt).map(section => section.map(({ text, weight }) => [text, Number(weight.toFixed(6))]))
}

describe('the syntax of prompts', () => {
  it.each([
    ['normal text', [['normal text', 1]]],
    [
      'an (important) word',
      [
        ['an ', 1],
        ['important', 1.1],
        [' word', 1],
      ],
    ],
    ['(unbalanced', [['unbalanced', 1.1]]],
    ['unbalanced)', [['unbalanced)', 1]]],
    ['[less', [['less', 0.909091]]],
    ['\\(literal\\]', [['(literal]', 1]]],
    ['(unnecessary)(parens)', [['unnecessaryparens', 1.1]]],
    [
      'a (word:1.3) b',
      [
        ['a ', 1],
        ['word', 1.3],
        [' b', 1],
      ],
    ],
    ['(a: 1.5 )', [['a', 1.5]]],
    ['(a:-0.5)', [['a', -0.5]]],
    ['(a:.5)', [['a', 0.5]]],
    ['[a:1.3]', [['a:1.3', 0.909091]]],
    ['ratio 16:9', [['ratio 16:9', 1]]],
    ['x:1.3)', [['x:1.3)', 1]]],
    ['((a))', [['a', 1.21]]],
    ['([a])', [['a', 1]]],
    ['back\\slash', [['backslash', 1]]],
    [
      '\\\\(a)',
      [
        ['\\', 1],
        ['a', 1.1],
      ],
    ],
    [
      '(a [b) c]',
      [
        ['a ', 1.1],
        ['b', 1],
        [' c', 0.909091],
      ],
    ],
    [
      'a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).',
      [
        ['a ', 1],
        ['house', 1.573],
        [' ', 1.1],
        ['on', 1],
        [' a ', 1.1],
        ['hill', 0.55],
        [', sun, ', 1.1],
        ['sky', 1.4641],
        ['.', 1.1],
      ],
    ],
  ])('reads %j', (prompt, expected) => {
    expect(pieces(prompt)).toEqual([expected])
  })

  it.each([
    ['a BREAK b', [[['a', 1]], [['b', 1]]]],
    ['a\n BREAK \n(b)', [[['a', 1]], [['b', 1.1]]]],
    ['(a BREAK b)', [[['a', 1.1]], [['b', 1.1]]]],
    ['a BREAK', [[['a', 1]]]],
    ['BREAK a', [[], [['a', 1]]]],
    ['BREAKFAST', [[['BREAKFAST', 1]]]],
  ])('begins a new part at BREAK: %j', (prompt, expected) => {
    expect(pieces(prompt)).toEqual(expected)
  })

  it('is one empty part for an empty prompt', () => {
    expect(parsePrompt('')).toEqual([[]])
  })

  it('refuses AND by name, and no other word', () => {
    expect(() => parsePrompt('a cat AND a dog', 'negativePrompt')).toThrow(
      expect.objectContaining({
        code: 'invalid-input',
        message: expect.stringMatching(/negativePrompt.*AND.*BREAK/s) as string,
      }) as Error,
    )
    expect(pieces('a cat and SAND')).toEqual([[['a cat and SAND', 1]]])
  })

  it('refuses a weight that is no number', () => {
    expect(() => parsePrompt('(a:1.2.3)')).toThrow(/weight "1\.2\.3"/)
  })

  it('loses no character of a text without syntax', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }).filter(isPlain), text => {
        expect(
          parsePrompt(text)
            .flat()
            .map(piece => piece.text)
            .join(''),
        ).toBe(text)
      }),
    )
  })

  it('gives back any text whose special characters are escaped, at weight 1', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }).filter(text => !/AND|BREAK/.test(text)),
        text => {
          const escaped = text.replaceAll(/[()[\]\\]/g, sign => `\\${sign}`)
          const [section] = parsePrompt(escaped)
          expect(section).toEqual(text === '' ? [] : [{ text, weight: 1 }])
        },
      ),
    )
  })

  it('multiplies the weights of nested brackets', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('(', '['), { maxLength: 8 }), brackets => {
        const closing = brackets.toReversed().map(sign => (sign === '(' ? ')' : ']'))
        const [section] = parsePrompt(`${brackets.join('')}x${closing.join('')}`)
        const expected = brackets.reduce((product, sign) => (sign === '(' ? product * 1.1 : product / 1.1), 1)
        expect(section?.[0]?.weight).toBeCloseTo(expected, 10)
      }),
    )
  })

  it('reads any text whatever in well under a second', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('(', ')', '[', ']', ':', '\\', ' ', 'a', '1', '.', 'BREAK'),
          maxLength: 400,
        }),
        text => {
          let sections: ReturnType<typeof parsePrompt> = []
          try {
            sections = parsePrompt(text)
          } catch (error) {
            expect(error).toMatchObject({ code: 'invalid-input' })
            return
          }
          for (const { weight } of sections.flat()) expect(Number.isFinite(weight)).toBe(true)
        },
      ),
      { numRuns: 500 },
    )
  })
})

function isPlain(text: string): boolean {
  return !/[()[\]\\:]|AND|BREAK/.test(text)
}
