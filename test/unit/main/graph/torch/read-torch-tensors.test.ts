import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readPickle } from '#graph/torch/pickle'
import { readTorchTensors } from '#graph/torch/read-torch-tensors'

const FOLDER = new URL('../../../../fixtures/embeddings/', import.meta.url)
const file = () => Uint8Array.from(readFileSync(new URL('a1111_2vec.pt', FOLDER)))
const latin = (text: string) => Uint8Array.from(text, character => character.charCodeAt(0))

describe('a PyTorch file', () => {
  it('gives its tensors by their path in the dictionaries', () => {
    const expected = JSON.parse(readFileSync(new URL('a1111_2vec.json', FOLDER), 'utf8')) as number[][]
    const tensor = readTorchTensors('a1111_2vec.pt', file()).get('string_to_param.*')
    expect(tensor?.dims).toEqual([2, 16])
    expect([...(tensor?.data ?? [])]).toEqual(expected.flat().map(Math.fround))
  })

  it('is refused with its name when it is cut off, wherever that is', () => {
    const whole = file()
    for (let length = 0; length < whole.length; length += 97) {
      expect(() => readTorchTensors('half.pt', whole.slice(0, length))).toThrow(/half\.pt cannot be read/)
    }
  })

  it('is refused or read, and never anything else, when a byte is changed', () => {
    for (let at = 0; at < file().length; at += 13) {
      const changed = file()
      changed[at] = (changed[at] ?? 0) ^ 0x5a
      try {
        readTorchTensors('changed.pt', changed)
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: 'model-corrupt' })
      }
    }
  })
})

describe('a pickle', () => {
  it('is not run: a name that is not on the list is refused', () => {
    const evil = latin('\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R.')
    expect(() => readPickle(evil, new Set(['collections.OrderedDict']))).toThrow('it names os.system')
  })

  it('is refused where it has an instruction that data does not need', () => {
    expect(() => readPickle(latin('\x80\x02ios\nsystem\n.'), new Set())).toThrow('the instruction "i"')
  })

  it('gives lists, texts and numbers', () => {
    const value = readPickle(latin('\x80\x02](K\x07X\x02\x00\x00\x00foJ\xff\xff\xff\xffNe.'), new Set())
    expect(value).toEqual([7, 'fo', -1, null])
  })
})
