import { describe, expect, it } from 'vitest'
import { parsePrompt } from '#pipeline/text/prompt-syntax'

/** "text*weight" pieces of every section, weights with three digits. */
function shown(text: string): string[][] {
  return parsePrompt(text, 'prompt').map(section =>
    section.map(piece => `${piece.text}*${Number(piece.weight.toFixed(3))}`),
  )
}

describe('the prompt syntax', () => {
  it.each<[string, string[][]]>([
    ['', [[]]],
    ['a red fox', [['a red fox*1']]],
    ['(a)', [['a*1.1']]],
    ['((a))', [['a*1.21']]],
    ['[a]', [['a*0.909']]],
    ['(a:1.3)', [['a*1.3']]],
    ['(a: .5 )', [['a*0.5']]],
    ['(a:0)', [['a*0']]],
    ['(a:-1)', [['a*-1']]],
    ['x (a (b:2):1.5) y', [['x *1', 'a *1.5', 'b*3', ' y*1']]],
    ['a (b [c] d) e', [['a *1', 'b *1.1', 'c*1', ' d*1.1', ' e*1']]],
    ['\\(a\\) \\[b\\] \\\\', [['(a) [b] \\*1']]],
    ['a \\ b', [['a \\ b*1']]],
    ['(a', [['a*1.1']]],
    ['a)', [['a)*1']]],
    ['a]b', [['a]b*1']]],
    ['(a]', [['a]*1.1']]],
    ['ratio 16:9', [['ratio 16:9*1']]],
    ['(16:9)', [['16*9']]],
    ['[a:2]', [['a:2*0.909']]],
    ['(a:b)', [['a:b*1.1']]],
    ['a BREAK b', [['a*1'], ['b*1']]],
    ['(a BREAK b:2)', [['a*2'], ['b*2']]],
    ['BREAKFAST and BREAKS', [['BREAKFAST and BREAKS*1']]],
    ['SAND, ANDES, and Band', [['SAND, ANDES, and Band*1']]],
    ['猫 (🦊:1.2)', [['猫 *1', '🦊*1.2']]],
  ])('reads %j', (text, expected) => {
    expect(shown(text)).toEqual(expected)
  })

  it('refuses composed prompts by name', () => {
    expect(() => parsePrompt('a cat AND a dog', 'negativePrompt')).toThrow(/negativePrompt.*AND/)
  })

  it('reads ten thousand brackets at once', () => {
    expect(shown('('.repeat(5000) + 'a' + ')'.repeat(5000))).toHaveLength(1)
  })
})
