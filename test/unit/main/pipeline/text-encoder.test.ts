/** What exports of text encoders differ in: the type of ids, a fixed batch, and the names of what comes out. */
import { describe, expect, it } from 'vitest'
import type { TensorInfo } from '#pipeline/session'
import { createTextEncoder } from '#pipeline/text-encoder'
import type { DType } from '#pipeline/tensor'
import { float32, scriptedSession } from '#test/scripted-session'

const info = (name: string, dtype: DType, shape: (number | string)[] = []): TensorInfo => ({ name, dtype, shape })
const IDS = [
  [1, 7, 2],
  [1, 8, 2],
]

/** Each output is [rows, 3 tokens, 1] or, pooled, [rows, 1], and says in its values which one it is. */
function encoderWith(names: readonly string[], ids = info('input_ids', 'int64', ['b', 's'])) {
  const isPooled = (name: string) => name === 'text_embeds' || name === 'pooler_output'
  const outputs = names.map(name => info(name, 'float32'))
  const session = scriptedSession([ids], outputs, feeds => {
    const rows = feeds[ids.name]?.dims[0] ?? 0
    return Object.fromEntries(
      names.map((name, i) => [name, float32(isPooled(name) ? [rows, 1] : [rows, 3, 1], () => i)]),
    )
  })
  return { session, encoder: createTextEncoder(session, 'text_encoder') }
}

describe('ids', () => {
  it.each([
    ['int32', Int32Array.from(IDS.flat())],
    ['int64', BigInt64Array.from(IDS.flat(), BigInt)],
  ] as const)('are fed as %s where the graph asks for it', async (dtype, data) => {
    const { session, encoder } = encoderWith(['last_hidden_state'], info('input_ids', dtype, ['b', 's']))
    await encoder.encode(IDS)
    expect(session.runs).toEqual([{ input_ids: { dtype, dims: [2, 3], data } }])
  })

  it('go row by row into a graph of fixed batch, and come out together', async () => {
    const { session, encoder } = encoderWith(['last_hidden_state'], info('input_ids', 'int32', [1, 3]))
    expect(encoder.tokens).toBe(3)
    expect((await encoder.encode(IDS)).last.dims).toEqual([2, 3, 1])
    expect(session.runs.map(({ input_ids: ids }) => ids?.dims)).toEqual([
      [1, 3],
      [1, 3],
    ])
  })

  it('are the only input that is known: another one is named', () => {
    const session = scriptedSession(
      [info('input_ids', 'int64', ['b', 's']), info('attention_mask', 'int64')],
      [],
      () => ({}),
    )
    expect(() => createTextEncoder(session, 'text_encoder_2')).toThrow(
      'text_encoder_2/model.onnx: expected one input of token ids [rows, tokens], found input_ids, attention_mask.',
    )
  })
})

describe('outputs', () => {
  it('are told apart by name: the projected vector comes before the plain one', async () => {
    const names = [
      'pooler_output',
      'text_embeds',
      'hidden_states.0',
      'hidden_states.1',
      'hidden_states.2',
      'last_hidden_state',
    ]
    const states = await encoderWith(names).encoder.encode(IDS)
    const valueOf = (tensor: { data: Float32Array } | null) => names[tensor?.data[0] ?? -1]
    expect(states.layers).toBe(2)
    expect(valueOf(states.pooled)).toBe('text_embeds')
    expect(valueOf(states.hidden(1))).toBe('hidden_states.1')
    expect(valueOf(states.last)).toBe('last_hidden_state')
    expect(states.hidden(3)).toBeNull()
  })

  it('without hidden states say so, and one of another name is taken by its shape', async () => {
    const states = await encoderWith(['pooler_output', 'output']).encoder.encode(IDS)
    expect(states).toMatchObject({ layers: null, last: { dims: [2, 3, 1] }, pooled: { dims: [2, 1] } })
  })
})
