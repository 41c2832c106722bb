import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { choiceDraws, hasChoices, resolveChoices } from '#services/choices'
import { parseWildcardFile } from '#contract/wildcards'

const LISTS = new Map([
  ['colour', ['red', 'blue']],
  ['thing', ['a __colour__ fox', 'a {big|small} house']],
  ['places/indoor', ['a kitchen']],
  ['loop', ['x __loop__']],
  ['many', ['__many2__ __many2__ __many2__ __many2__ __many2__ __many2__ __many2__ __many2__ __many2__ __many2__']],
  ['many2', ['__many3__ __many3__ __many3__ __many3__ __many3__ __many3__ __many3__ __many3__ __many3__ __many3__']],
  ['many3', ['{a|b} {a|b} {a|b} {a|b} {a|b} {a|b} {a|b} {a|b} {a|b} {a|b} {a|b}']],
  ['empty', []],
])
const first = () => 0
const last = (count: number) => count - 1

describe('choices in a prompt', () => {
  it.each([
    ['a {red|blue} fox', 'a red fox', 'a blue fox'],
    ['a {red|} fox', 'a red fox', 'a  fox'],
    ['{a|b{c|d}}', 'a', 'bd'],
    ['a __colour__ fox', 'a red fox', 'a blue fox'],
    ['__thing__ in __places/indoor__', 'a red fox in a kitchen', 'a small house in a kitchen'],
    ['{__colour__|green} fox', 'red fox', 'green fox'],
    ['a {single} brace', 'a {single} brace', 'a {single} brace'],
    ['{unclosed|brace', '{unclosed|brace', '{unclosed|brace'],
    ['{outer {a|b}}', '{outer a}', '{outer b}'],
    ['snake_case and ___', 'snake_case and ___', 'snake_case and ___'],
    ['({red|blue}:1.2)', '(red:1.2)', '(blue:1.2)'],
  ])('%j gives %j at the least and %j at the greatest draw', (text, least, greatest) => {
    expect(resolveChoices(text, LISTS, first)).toBe(least)
    expect(resolveChoices(text, LISTS, last)).toBe(greatest)
  })

  it('name the list that is not there and those that are', () => {
    expect(() => resolveChoices('a __color__', LISTS, first, 'negativePrompt')).toThrow(
      expect.objectContaining({
        code: 'invalid-input',
        message: expect.stringMatching(/negativePrompt is __color__.*__colour__/) as string,
      }) as Error,
    )
    expect(() => resolveChoices('__empty__', LISTS, first)).toThrow(/__empty__/)
  })

  it.each(['__loop__', '__many__'])('that would never end or grow without bound are refused (%s)', text => {
    expect(() => resolveChoices(text, LISTS, first)).toThrow(/at most 1000 choices/)
  })

  it('come out the same for the same seed, and differ over seeds', () => {
    const text = '{a|b|c|d|e|f|g|h} {1|2|3|4|5|6|7|8}'
    const of = (seed: number) => resolveChoices(text, LISTS, choiceDraws(seed, 'prompt'))
    expect(of(7)).toBe(of(7))
    expect(new Set(Array.from({ length: 64 }, (_, seed) => of(seed))).size).toBeGreaterThan(30)
  })

  it('are drawn evenly over neighbouring seeds', () => {
    const counts = [0, 0, 0, 0]
    for (let seed = 0; seed < 4000; seed++) {
      const drawn = choiceDraws(seed, 'prompt')(4)
      counts[drawn] = (counts[drawn] ?? 0) + 1
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150)
  })

  it('of prompt and negative prompt are not the same draws', () => {
    const pairs = Array.from(
      { length: 200 },
      (_, seed) => choiceDraws(seed, 'prompt')(2) === choiceDraws(seed, 'negativePrompt')(2),
    )
    const equal = pairs.filter(Boolean).length
    expect(equal).toBeGreaterThan(60)
    expect(equal).toBeLessThan(140)
  })

  it('differ for seeds that differ in their high bits only', () => {
    const draws = (seed: number) =>
      Array.from(
        { length: 8 },
        (() => {
          const draw = choiceDraws(seed, 'prompt')
          return () => draw(1000)
        })(),
      )
    expect(draws(5)).not.toEqual(draws(5 + 2 ** 32))
  })

  it('leave nothing to choose behind, and change no text without them', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('{', '}', '|', 'a', 'b', ' ', '_'), maxLength: 60 }),
        fc.nat(1000),
        (text, seed) => {
          const lists = new Map([
            ['a', ['x']],
            ['b', ['y']],
            ['ab', ['z']],
          ])
          try {
            const resolved = resolveChoices(text, lists, choiceDraws(seed, 'prompt'))
            if (!hasChoices(text)) expect(resolved).toBe(text)
            expect(resolved.length).toBeLessThanOrEqual(text.length)
          } catch (error) {
            expect(error).toMatchObject({ code: 'invalid-input' })
          }
        },
      ),
    )
  })
})

describe('a wildcard file', () => {
  it('has one entry a line; blank lines and comments are none', () => {
    expect(parseWildcardFile('# colours\r\nred\n\n  deep blue  \n')).toEqual(['red', 'deep blue'])
  })
})
