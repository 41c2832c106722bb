/** The prompt syntax and the cutting into windows against the reference's own results; provenance in test/fixtures/prompts/README.md. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readTokenizer } from '#engine/read-model'
import { createClipTokenizer } from '#pipeline/text/clip-tokenizer'
import { parsePrompt } from '#contract/prompt-syntax'
import { toWindows } from '#pipeline/text/windows'

const FIXTURES = join(import.meta.dirname, '../../fixtures')

function read<T>(file: string): T {
  return JSON.parse(readFileSync(join(FIXTURES, 'prompts', file), 'utf8')) as T
}

describe('the syntax of prompts', () => {
  it.each(read<[string, [string, number][]][]>('prompt-syntax.json'))(
    'reads %j as the reference does',
    (prompt, expected) => {
      const pieces = parsePrompt(prompt).flat()
      expect(pieces.map(({ text }) => text)).toEqual(expected.map(([text]) => text))
      for (const [i, { weight }] of pieces.entries()) expect(weight).toBeCloseTo(expected[i]?.[1] ?? NaN, 10)
    },
  )
})

describe('a prompt of more than 75 tokens', () => {
  const { prompt, chunks } = read<{ prompt: string; chunks: { prompt: number[][] } }>('long-chunks.json')

  it('is cut into windows of 75, each with bos, eos and padding, and none is lost', async () => {
    const tokenizer = createClipTokenizer(await readTokenizer(join(FIXTURES, 'tokenizers/sd15'), 'tokenizer'))
    const { windows, cutTokens } = toWindows(tokenizer, parsePrompt(prompt), 77)
    expect(windows.map(({ ids }) => ids)).toEqual(chunks.prompt)
    expect(cutTokens).toBe(0)
  })

  it('begins a new window at BREAK, and keeps the weight of each word on all its tokens', async () => {
    const tokenizer = createClipTokenizer(await readTokenizer(join(FIXTURES, 'tokenizers/sd15'), 'tokenizer'))
    const { windows } = toWindows(tokenizer, parsePrompt('a (lighthouse:1.5) BREAK a fox'), 77)
    expect(windows).toHaveLength(2)
    const words = tokenizer.encode('lighthouse').length
    expect(windows[0]?.weights).toEqual([1, 1, ...Array<number>(words).fill(1.5), ...Array<number>(75 - words).fill(1)])
    expect(windows[1]?.weights).toBeNull()
  })
})
