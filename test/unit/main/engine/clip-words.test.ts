import { expect, it } from 'vitest'
import { readClipWords } from '../../../../main/engine/clip-words.ts'
import { createClipTokenizer } from '#pipeline/text/clip-tokenizer'
import type { ModelPart } from '#pipeline/model-files'

function encoder(rows: number, activation: string): ModelPart {
  const writeWith = () => () => Promise.reject(new Error('not opened here'))
  const config = { hidden_act: activation }
  return {
    name: 'text_encoder',
    graph: '',
    config,
    halvings: null,
    weightBytes: 0,
    table: { rows, width: 768, writeWith },
  }
}

it('gives the ids that CLIP was trained with', async () => {
  const files = await readClipWords(encoder(49_408, 'quick_gelu'), 'tokenizer')
  if (files === null) throw new Error('there is no tokenizer')
  const tokenizer = createClipTokenizer(files)
  expect([tokenizer.bosId, tokenizer.eosId, tokenizer.padId, tokenizer.maxLength]).toEqual([49_406, 49_407, 49_407, 77])
  // https://huggingface.co/docs/transformers/model_doc/clip: "a photo of a cat"
  expect(tokenizer.encode('a photo of a cat')).toEqual([320, 1125, 539, 320, 2368])
  expect(tokenizer.encode('Hello, World!')).toEqual([3306, 267, 1002, 256])
})

it('fills up with the token 0 where OpenCLIP does', async () => {
  const files = await readClipWords(encoder(49_408, 'gelu'), 'tokenizer_2')
  expect(files && createClipTokenizer(files).padId).toBe(0)
})

it('is not taken for a text encoder with another number of words', async () => {
  expect(await readClipWords(encoder(1000, 'gelu'), 'tokenizer')).toBeNull()
})
