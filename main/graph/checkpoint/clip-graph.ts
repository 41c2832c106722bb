/** CLIP's text encoder (Radford et al. 2021, arXiv 2103.00020) from its weights, with the states of every layer as outputs. */
import { GraphWriter } from './graph-writer.ts'
import { attend, layerNorm, linear } from './layers.ts'
import type { Weights } from './weights.ts'

export interface ClipFacts {
  heads: number
  activation: 'quick_gelu' | 'gelu'
  /** null: the end is the token with the highest id, as old configs mean it. */
  eosId: number | null
  /** Further rows of the table of words. */
  added: readonly Float32Array[]
}

const HIDDEN = -3.4028234663852886e38

/** Throws `model-incompatible` naming a tensor that is missing or was not understood. */
export function writeClip(weights: Weights, { heads, activation, eosId, added }: ClipFacts): GraphWriter {
  const g = new GraphWriter()
  const text = weights.at('text_model').hasAny() ? weights.at('text_model') : weights
  const positions = text.get('embeddings.position_embedding.weight')
  const [length = 0, width = 0] = positions.dims
  const ids = g.input('input_ids', 'int64', ['batch', 'tokens'])
  const tokens = g.op('Shape', [ids], { start: 1, end: 2 })
  const rows = g.op('Shape', [ids], { start: 0, end: 1 })
  const upTo = (x: string, axes: readonly number[]) =>
    g.op('Slice', [x, g.integers(axes.map(() => 0)), axes.length === 1 ? tokens : both(g, tokens), g.integers(axes)])
  const words = g.op('Add', [lookUp(g, ids, text, added), upTo(g.weight(positions), [0])])
  const mask = upTo(causalMask(g, length), [0, 1])
  let hidden = g.op('Reshape', [words, g.integers([-1, width])])
  const shape = g.op('Concat', [rows, tokens, g.integers([width])], { axis: 0 })
  const asStates = (x: string) => g.op('Reshape', [x, shape])
  const layers = text.count('encoder.layers')
  const states = [asStates(hidden)]
  for (let i = 0; i < layers; i++) {
    const layer = text.at(`encoder.layers.${i}`)
    const normal = layerNorm(g, hidden, layer.at('layer_norm1'))
    const [q, k, v] = ['q_proj', 'k_proj', 'v_proj'].map(name => linear(g, normal, layer.at(`self_attn.${name}`)))
    const attended = attend(g, { q, k, v }, width, { heads, isFused: false, rows }, mask)
    hidden = g.op('Add', [linear(g, attended, layer.at('self_attn.out_proj')), hidden])
    const inner = linear(g, layerNorm(g, hidden, layer.at('layer_norm2')), layer.at('mlp.fc1'))
    hidden = g.op('Add', [linear(g, activate(g, inner, activation), layer.at('mlp.fc2')), hidden])
    states.push(asStates(hidden))
  }
  const last = asStates(layerNorm(g, hidden, text.at('final_layer_norm')))
  const pooled = takeEnd(g, last, ids, eosId)
  const projection = weights.find('text_projection.weight')
  if (projection === null) g.output('pooler_output', pooled, ['batch', width])
  else {
    const size = projection.dims[projection.isTransposed === true ? 1 : 0] ?? 0
    g.output('text_embeds', linear(g, pooled, weights.at('text_projection')), ['batch', size])
  }
  g.output('last_hidden_state', last, ['batch', 'tokens', width])
  for (const [i, state] of states.entries()) g.output(`hidden_states.${i}`, state, ['batch', 'tokens', width])
  weights.expectAllUsed()
  return g
}

function both(g: GraphWriter, tokens: string): string {
  return g.op('Concat', [tokens, tokens], { axis: 0 })
}

/** With added rows as extend-embedding.ts has it: the large table is not copied. */
function lookUp(g: GraphWriter, ids: string, text: Weights, added: readonly Float32Array[]): string {
  const tensor = text.get('embeddings.token_embedding.weight')
  const table = g.weight(tensor)
  if (added.length === 0) return g.op('Gather', [table, ids])
  const [rows = 0, width = 0] = tensor.dims
  const own = g.op('Less', [ids, g.integers([rows], [])])
  const zero = g.integers([0], [])
  const ownRows = g.op('Gather', [table, g.op('Where', [own, ids, zero])])
  const shifted = g.op('Sub', [ids, g.integers([rows - 1], [])])
  const addedIds = g.op('Where', [own, zero, shifted])
  const values = new Float32Array((added.length + 1) * width)
  for (const [i, vector] of added.entries()) values.set(vector, (i + 1) * width)
  const keep = Float32Array.from({ length: added.length + 1 }, (_, i) => (i === 0 ? 1 : 0))
  const kept = g.op('Mul', [ownRows, g.op('Gather', [g.floats(keep, [keep.length, 1]), addedIds])])
  return g.op('Add', [kept, g.op('Gather', [g.floats(values, [added.length + 1, width]), addedIds])])
}

/** A token sees itself and what stands before it. */
function causalMask(g: GraphWriter, length: number): string {
  const values = Float32Array.from({ length: length ** 2 }, (_, i) =>
    i % length > Math.floor(i / length) ? HIDDEN : 0,
  )
  return g.floats(values, [length, length])
}

function activate(g: GraphWriter, x: string, activation: ClipFacts['activation']): string {
  if (activation === 'gelu') return g.op('Gelu', [x])
  return g.op('Mul', [x, g.op('Sigmoid', [g.op('Mul', [x, g.floats([1.702], [])])])])
}

/** The state of the end token: [rows, width]. */
function takeEnd(g: GraphWriter, states: string, ids: string, eosId: number | null): string {
  const score = eosId === null ? ids : g.op('Equal', [ids, g.integers([eosId], [])])
  const place = g.op('ArgMax', [g.op('Cast', [score], { to: 6 })], { axis: -1, keepdims: 1 })
  return g.op('GatherND', [states, place], { batch_dims: 1 })
}
