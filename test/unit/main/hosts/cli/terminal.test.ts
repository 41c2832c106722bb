import { expect, test } from 'vitest'
import { createTerminal, showText } from '#hosts/cli/terminal'

function capture(isTTY: boolean, columns = 30) {
  let text = ''
  const stream = { write: (part: string) => (text += part), isTTY, columns }
  return { terminal: createTerminal(stream, stream), text: () => text }
}

test('a status line is replaced by the next one, cut to the width, and removed before a line', () => {
  const { terminal, text } = capture(true)
  terminal.status('one')
  terminal.status('x'.repeat(100))
  terminal.say('done')
  expect(text()).toBe(`one\r\u001b[2K${'x'.repeat(29)}\r\u001b[2Kdone\n`)
})

test('a terminal that does not know its width gets a line of 79', () => {
  const { terminal, text } = capture(true, 0)
  terminal.status('x'.repeat(100))
  expect(text()).toBe('x'.repeat(79))
})

test('a file gets no status and no escape sequences', () => {
  const { terminal, text } = capture(false)
  terminal.status('one')
  terminal.print('done')
  expect(text()).toBe('done\n')
})

test('a prompt cannot write control sequences to the terminal', () => {
  expect(showText('a\u001b[2Jb\r\nc\u0007', 50)).toBe('ab c ')
  expect(showText('12345', 4)).toBe('123…')
  expect(showText('12🦊45', 4)).toBe('12…')
})
