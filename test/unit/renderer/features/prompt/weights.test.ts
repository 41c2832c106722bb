import { expect, test } from 'vitest'
import { changeWeight } from '../../../../../renderer/features/prompt/weights.ts'

/** The text with the selection in «», changed and shown the same way. */
function change(marked: string, by: number): string | null {
  const start = marked.indexOf('«')
  const end = marked.indexOf('»') - 1
  const text = marked.replaceAll(/[«»]/g, '')
  const edit = changeWeight(text, { start, end }, by)
  if (edit === null) return null
  const changed = text.slice(0, edit.start) + edit.text + text.slice(edit.end)
  const { selection } = edit
  return `${changed.slice(0, selection.start)}«${changed.slice(selection.start, selection.end)}»${changed.slice(selection.end)}`
}

test.each([
  ['a re«»d apple', 0.1, 'a («red»:1.1) apple'],
  ['a «red apple» here', -0.1, 'a («red apple»:0.9) here'],
  ['a «red »apple', 0.1, 'a («red»:1.1) apple'],
  ['a («red»:1.1) apple', 0.1, 'a («red»:1.2) apple'],
  ['a (re«»d:1.1) apple', -0.1, 'a «red» apple'],
  ['(a:1.2) and (b«»:1.9)', 0.1, '(a:1.2) and («b»:2)'],
  ['(b«»:2)', 0.1, '(«b»:2)'],
  ['(b«»:0.1)', -0.1, '(«b»:0.1)'],
  ['ein sch«»öner Hund', 0.1, 'ein («schöner»:1.1) Hund'],
])('%s by %d becomes %s', (before, by, after) => expect(change(before, by)).toBe(after))

test('three steps up from one leave no crumbs of floating point', () => {
  let text = 'a «dog»'
  for (let i = 0; i < 3; i += 1) text = change(text, 0.1) ?? ''
  expect(text).toBe('a («dog»:1.3)')
})

test('there is nothing to weigh between two commas', () => {
  expect(change('red, «», blue', 0.1)).toBeNull()
  expect(change('«»', 0.1)).toBeNull()
})
