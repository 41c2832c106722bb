import { describe, expect, it } from 'vitest'
import { bytesSource } from '#graph/byte-source'
import { readSafetensorsHeader } from '#graph/safetensors'

function safetensors(header: unknown, dataBytes: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + json.length + dataBytes)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true)
  bytes.set(json, 8)
  return bytes
}

const read = (bytes: Uint8Array) => readSafetensorsHeader(bytesSource('a.safetensors', bytes))
const entry = (shape: number[], from: number, to: number, dtype = 'F32') => ({ dtype, shape, data_offsets: [from, to] })

describe('the header of a safetensors file', () => {
  it('gives names, types, shapes and places in the file', async () => {
    const bytes = safetensors({ __metadata__: { a: 'b' }, w: entry([2, 3], 0, 24), h: entry([1], 24, 26, 'F16') }, 26)
    const tensors = await read(bytes)
    const start = bytes.length - 26
    expect([...tensors.keys()]).toEqual(['w', 'h'])
    expect(tensors.get('w')).toEqual({ dtype: 'float32', dims: [2, 3], start, end: start + 24 })
    expect(tensors.get('h')?.dtype).toBe('float16')
  })

  it.each([
    ['an empty file', new Uint8Array(), 'empty'],
    [
      'a pointer of git-lfs',
      new TextEncoder().encode('version https://git-lfs.github.com/spec/v1\nsize 9\n'),
      'git-lfs',
    ],
    ['a length beyond the file', safetensors({}, 0).fill(0xff, 0, 3), 'header'],
    ['text that is not JSON', safetensors('{"w": ', 8), 'JSON'],
    ['an entry without a shape', safetensors({ w: { dtype: 'F32' } }, 0), 'w'],
    ['fewer bytes than the shape needs', safetensors({ w: entry([4], 0, 12) }, 16), 'has 12 bytes'],
    ['data that ends too early', safetensors({ w: entry([4], 0, 16) }, 8), '8 bytes of w are missing'],
  ])('is refused with the file and the reason: %s', async (_, bytes, reason) => {
    await expect(read(bytes)).rejects.toMatchObject({
      code: 'model-corrupt',
      message: expect.stringContaining(reason) as string,
      details: { file: 'a.safetensors' },
    })
  })
})
