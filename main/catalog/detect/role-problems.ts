/** Whether a graph is what its folder's name says: files get swapped and renamed, and the runtime would notice in the middle of a picture. */
import type { ErrorPayload } from '#contract/errors'
import type { GraphValue } from '#graph/onnx-types'
import type { Part } from './folder-contents.ts'
import { problem } from './graph-problems.ts'

const ID_TYPES = ['int32', 'int64']

interface Role {
  what: string
  expected: string
  fits(input: GraphValue, outputs: readonly GraphValue[]): boolean
}

const TEXT_ENCODER: Role = {
  what: 'a text encoder',
  expected: 'one input of token ids [rows, tokens] and an output [rows, tokens, width]',
  fits: (input, outputs) =>
    ID_TYPES.includes(input.dtype) && hasRank(input, 2) && outputs.some(output => hasRank(output, 3)),
}

const VAE_DECODER: Role = {
  what: "an autoencoder's decoder",
  expected: 'one input of latents [rows, channels, height, width] and an output of 3 channels',
  fits: (input, outputs) => hasRank(input, 4) && outputs.length > 0 && outputs.every(output => hasChannels(output, 3)),
}

const VAE_ENCODER: Role = {
  what: "an autoencoder's encoder",
  expected: 'one input of pictures [rows, 3, height, width]',
  fits: input => hasChannels(input, 3),
}

/** Empty for parts that have no fixed role. */
export function roleProblems({ name, file, header }: Part): ErrorPayload[] {
  const role = roleOf(name)
  const [input, ...others] = header.inputs
  if (role === null || (input !== undefined && others.length === 0 && role.fits(input, header.outputs))) return []
  const actual = `inputs ${header.inputs.map(describe).join(', ')}; outputs ${header.outputs.map(describe).join(', ')}`
  const message = `${file} is not ${role.what}: expected ${role.expected}, found ${actual}.`
  return [problem('model-incompatible', message, { file, expected: role.expected, actual })]
}

function roleOf(name: string): Role | null {
  if (/^text_encoder(_\d+)?$/.test(name)) return TEXT_ENCODER
  if (name === 'vae_decoder') return VAE_DECODER
  return name === 'vae_encoder' ? VAE_ENCODER : null
}

/** A shape that the file does not give fits everything. */
function hasRank({ shape }: GraphValue, rank: number): boolean {
  return shape === null || shape.length === rank
}

function hasChannels({ shape }: GraphValue, channels: number): boolean {
  return shape === null || (shape.length === 4 && (typeof shape[1] !== 'number' || shape[1] === channels))
}

function describe({ name, dtype, shape }: GraphValue): string {
  return `${name} ${dtype}${shape === null ? '' : `[${shape.join(', ')}]`}`
}
