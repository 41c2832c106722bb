/**
 * A text encoder's graph with its outputs named by what they mean. Which of them a model family uses is decided in
 * text/; exports differ in names and in what they give, so all of it is read from the session.
 */
import { AppError } from '#contract/errors'
import { rungsOf, withRelief } from './relief.ts'
import type { Session, TensorInfo } from './session.ts'
import { concatRows, type FloatTensor } from './tensor.ts'
import { toFloat32, toTensor } from './tensor-cast.ts'

export interface TextStates {
  /** After the final layer norm: [rows, tokens, width]. */
  last: FloatTensor
  /** Output of layer i of `layers`, 0 being the embedding: [rows, tokens, width]; null where the export has none. */
  hidden(layer: number): FloatTensor | null
  /** Number of layers; null where the export gives no hidden states. */
  layers: number | null
  /** One vector a prompt: `text_embeds` (projected) before `pooler_output`; [rows, width]. */
  pooled: FloatTensor | null
}

export interface TextEncoder {
  readonly name: string
  /** Tokens that the graph takes, where its shape is fixed. */
  readonly tokens: number | null
  /** Rows of ids of equal length. */
  encode(ids: readonly (readonly number[])[]): Promise<TextStates>
}

export function createTextEncoder(session: Session, name: string): TextEncoder {
  const [ids] = session.inputs
  if (session.inputs.length !== 1 || ids.shape.length !== 2) {
    const inputs = session.inputs.map(input => input.name).join(', ')
    throw incompatible(name, ids.name, 'one input of token ids [rows, tokens]', inputs)
  }
  const [rows, tokens] = ids.shape
  const layers = lastLayer(session.outputs)
  return {
    name,
    tokens: typeof tokens === 'number' ? tokens : null,
    async encode(sequences) {
      // A graph of fixed batch (nearly always 1) gets the rows one by one.
      const parts = typeof rows === 'number' ? sequences.map(sequence => [sequence]) : [sequences]
      const results: Record<string, FloatTensor>[] = []
      for (const part of parts) results.push(await runEncoder(session, ids, part))
      return toStates(mergeRows(results), layers, name)
    },
  }
}

async function runEncoder(session: Session, ids: TensorInfo, sequences: readonly (readonly number[])[]) {
  const feed = toTensor(sequences.flat(), [sequences.length, sequences[0].length], ids.dtype)
  // What is given up is a matter of the whole model and stands in the pool's notices.
  const outputs = await withRelief(
    () => session.run({ [ids.name]: feed }),
    () => rungsOf(session.relief ?? null, []),
    () => undefined,
  )
  return Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => [name, { dims: tensor.dims, data: toFloat32(tensor) }]),
  )
}

function mergeRows(results: Record<string, FloatTensor>[]): Record<string, FloatTensor> {
  const [first] = results
  if (results.length === 1) return first
  return Object.fromEntries(Object.keys(first).map(name => [name, concatRows(results.map(result => result[name]))]))
}

function toStates(outputs: Readonly<Record<string, FloatTensor>>, layers: number | null, name: string): TextStates {
  const last = outputs['last_hidden_state'] ?? Object.values(outputs).find(({ dims }) => dims.length === 3)
  if (!last)
    throw incompatible(name, 'last_hidden_state', 'an output [rows, tokens, width]', Object.keys(outputs).join(', '))
  return {
    last,
    layers,
    hidden: layer => outputs[`hidden_states.${layer}`] ?? null,
    pooled: outputs['text_embeds'] ?? outputs['pooler_output'] ?? null,
  }
}

/** `hidden_states.0` is the embedding, `hidden_states.L` the output of the last of L layers. */
function lastLayer(outputs: readonly TensorInfo[]): number | null {
  const layers = outputs.flatMap(({ name }) => /^hidden_states\.(\d+)$/.exec(name)?.[1] ?? []).map(Number)
  return layers.length === 0 ? null : Math.max(...layers)
}

function incompatible(file: string, tensor: string, expected: string, actual: string): AppError {
  return new AppError('model-incompatible', `${file}/model.onnx: expected ${expected}, found ${actual}.`, {
    details: { file: `${file}/model.onnx`, tensor, expected, actual },
  })
}
