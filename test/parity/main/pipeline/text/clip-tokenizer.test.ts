/** Ids of odd strings against the fast CLIP tokenizer; provenance in test/fixtures/tokenizers/README.md. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readTokenizer } from '#engine/read-model'
import { createClipTokenizer } from '#pipeline/text/clip-tokenizer'

interface Cases {
  tokenizers: Record<string, { pad: number; cases: { text: string; ids: number[] }[] }>
}
const FOLDER = join(import.meta.dirname, '../../../../fixtures/tokenizers')
const golden = JSON.parse(readFileSync(join(FOLDER, 'tokenizer-cases.json'), 'utf8')) as Cases

describe.each(Object.entries(golden.tokenizers))('CLIP tokenizer of %s', (path, expected) => {
  const [model = '', name = ''] = path.split('/')
  const load = async () => createClipTokenizer(await readTokenizer(join(FOLDER, model), name))

  it('pads with the id that its files name', async () => {
    expect((await load()).padId).toBe(expected.pad)
  })

  it.each(expected.cases.map(c => [c.text, c.ids] as const))(
    'gives the ids of the fast tokenizer for %j',
    async (text, ids) => {
      const tokenizer = await load()
      expect([tokenizer.bosId, ...tokenizer.encode(text), tokenizer.eosId]).toEqual(ids)
    },
  )
})

describe('CLIP tokenizer from tokenizer.json alone', () => {
  it('gives the ids that vocab.json and merges.txt give', async () => {
    const files = await readTokenizer(join(FOLDER, 'sdxl'), 'tokenizer_2')
    const tokenizerJson = {
      added_tokens: [{ id: 0, content: '!', normalized: false }],
      model: {
        vocab: files.vocab,
        merges: (files.merges ?? '')
          .split('\n')
          .slice(1)
          .filter(line => line !== '')
          .map(line => line.split(' ')),
      },
    }
    const alone = createClipTokenizer({ ...files, vocab: null, merges: null, tokenizerJson })
    const text = 'A red FOX, watercolor!'
    expect(alone.encode(text)).toEqual(createClipTokenizer(files).encode(text))
  })

  it('is refused by name when no file has the vocabulary', async () => {
    const files = await readTokenizer(join(FOLDER, 'sdxl'), 'tokenizer_2')
    expect(() => createClipTokenizer({ ...files, merges: null })).toThrow(/tokenizer_2\/merges\.txt/)
  })
})
