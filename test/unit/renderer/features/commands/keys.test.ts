import { expect, test } from 'vitest'
import { matchesKeys, showKeys } from '../../../../../renderer/features/commands/keys.ts'

const press = (key: string, held: Partial<KeyboardEvent> = {}) =>
  ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held }) as KeyboardEvent

test('the same combination is Ctrl here and Command on a Mac', () => {
  expect(matchesKeys(press('Enter', { ctrlKey: true }), 'mod+enter', false)).toBe(true)
  expect(matchesKeys(press('Enter', { metaKey: true }), 'mod+enter', true)).toBe(true)
  expect(matchesKeys(press('Enter', { metaKey: true }), 'mod+enter', false)).toBe(false)
  expect([showKeys('mod+enter', false), showKeys('mod+enter', true)]).toEqual(['Ctrl ↵', '⌘↵'])
})

test('a letter with Shift is another shortcut than without, a sign is the same on every keyboard', () => {
  expect(matchesKeys(press('V', { shiftKey: true }), 'v', false)).toBe(false)
  expect(matchesKeys(press('V', { shiftKey: true }), 'shift+v', false)).toBe(true)
  expect(matchesKeys(press('?', { shiftKey: true }), '?', false)).toBe(true)
  expect(matchesKeys(press('?'), '?', false)).toBe(true)
})

test('a held Ctrl or Alt makes a single key something else', () => {
  expect(matchesKeys(press('f', { ctrlKey: true }), 'f', false)).toBe(false)
  expect(matchesKeys(press('f', { altKey: true }), 'f', false)).toBe(false)
  expect(matchesKeys(press('Backspace'), 'delete', false)).toBe(true)
})
