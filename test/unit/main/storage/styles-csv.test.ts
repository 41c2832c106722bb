import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Style } from '#contract/styles'
import { formatStylesCsv, parseStylesCsv } from '#storage/styles-csv'

const style = (name: string, prompt = '', negativePrompt = ''): Style => ({ name, prompt, negativePrompt })

test("A1111's own file is read: its mark at the beginning, quoted commas, doubled quotes and line breaks", () => {
  const csv =
    '\ufeffname,prompt,negative_prompt\r\n' +
    'Photo,"photo of {prompt}, 50mm","drawing, ""cartoon"""\r\n' +
    'Lines,"one\r\ntwo\nthree",\r\n' +
    'Plain,ink,blurry\r\n'
  expect(parseStylesCsv(csv)).toEqual([
    style('Photo', 'photo of {prompt}, 50mm', 'drawing, "cartoon"'),
    style('Lines', 'one\r\ntwo\nthree'),
    style('Plain', 'ink', 'blurry'),
  ])
})

test('the first versions of the file, whose prompt is called text, are read too, and columns in any order', () => {
  expect(parseStylesCsv('name,text\nInk,ink drawing')).toEqual([style('Ink', 'ink drawing')])
  expect(parseStylesCsv('negative_prompt,prompt,extra,name\nbad,good,x,A\n')).toEqual([style('A', 'good', 'bad')])
})

test('blank lines, rows without a name and missing cells are no styles and no failure', () => {
  expect(parseStylesCsv('name,prompt,negative_prompt\n\n,nothing,\nShort\n')).toEqual([style('Short')])
})

test('of two rows with one name the last counts', () => {
  expect(parseStylesCsv('name,prompt\nA,old\nB,b\nA,new')).toEqual([style('B', 'b'), style('A', 'new')])
})

test('what is no such table is refused with what was found', () => {
  expect(() => parseStylesCsv('')).toThrow(/a table whose first line is name,prompt,negative_prompt/)
  expect(() => parseStylesCsv('titel,worte\na,b')).toThrow(/titel,worte/)
  expect(() => parseStylesCsv('name,prompt\nA,"never closed')).toThrow(/every quote closed/)
  expect(() => parseStylesCsv('name,prompt\nA,"closed" too soon')).toThrow(/every quote closed/)
  expect(() => parseStylesCsv(`name,prompt\nA,${'x'.repeat(10_001)}`)).toThrow(/10001 characters in the style "A"/)
})

test('what is written is read back the same, whatever is in it', () => {
  const text = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', '{prompt}', 'ü', '猫', '\ufeff') })
  const styles = fc.uniqueArray(
    fc.record({ name: fc.stringMatching(/^\S{1,9}$/), prompt: text, negativePrompt: text }),
    {
      selector: ({ name }) => name,
    },
  )
  fc.assert(
    fc.property(styles, all => {
      expect(parseStylesCsv(formatStylesCsv(all))).toEqual(all)
    }),
  )
})
