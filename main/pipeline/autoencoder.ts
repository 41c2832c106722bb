/**
 * The variational autoencoder between pixels and latents (Rombach et al. 2022, arXiv 2112.10752, section 3.1):
 *   encode: z = (mean + exp(logvar / 2) * n - shift) * scale        decode: x = D(z / scale + shift)
 * Pictures are [rows, 3, height, width] in -1..1. Pictures go through the graphs one at a time, as decoding takes the most memory.
 */
import { AppError } from '#contract/errors'
import { FAMILY_SCALING } from '#contract/model-verdict'
import { createNotice } from '#contract/notices'
import { configNumber, configNumbers, type JsonObject, type LatentPreview } from './model-files.ts'
import { findPublishedPreview } from './preview.ts'
import { createTiler, type Tiler } from './memory/tiler.ts'
import type { Notify } from './relief.ts'
import type { Session } from './session.ts'
import { concatRows, isFinite, sameDims, sliceRows, type FloatTensor } from './tensor.ts'
import { toFloat32, toTensor } from './tensor-cast.ts'

export interface Autoencoder {
  /** Pixels a latent side. */
  readonly factor: number
  readonly latentChannels: number
  /** Known from elsewhere for autoencoders that many models share. */
  readonly publishedPreview: LatentPreview | null
  /** In tiles where the picture is large or the memory short; `notify` hears of the latter. */
  decode(latents: FloatTensor, notify: Notify): Promise<FloatTensor>
  /** The posterior's moments, or the draw that the graph has made itself; in tiles as decoding is. */
  encode(image: FloatTensor, notify: Notify): Promise<Posterior>
  /** Scaled latents -> what the decoder is fed, and the way back for what the encoder gave. */
  toDecoderInput(latents: FloatTensor): FloatTensor
  toScaled(unscaled: FloatTensor): FloatTensor
}

/** What a run starts from a picture with: encoding tells what it gave up to whoever made this. */
export type PictureEncoder = Pick<Autoencoder, 'toScaled'> & { encode(image: FloatTensor): Promise<Posterior> }

export interface Posterior {
  mean: FloatTensor
  /** null: the graph drew or the encoder is deterministic; then `mean` is the draw. */
  logVariance: FloatTensor | null
}

export interface AutoencoderParts {
  decoder: Session
  /** Opens the encoder's graph, which text-to-image can do without; null where the model has none. */
  openEncoder: (() => Promise<Session>) | null
  config: JsonObject | null
  /** Where there is no config. */
  unnamed?: LatentScale
  /** Of the decoder, where there is no config. */
  halvings?: number | null
  /** Also small pictures go through the graphs in tiles. */
  inTiles: boolean
}

export interface LatentScale {
  scale: number
  shift: number
}

/** What diffusers' class has where a config leaves it out; SD 1 and 2 were trained with it. */
const USUAL_SCALE: LatentScale = FAMILY_SCALING.sd1
const UNNAMED_HALVINGS = 3
const LOG_VARIANCE = { min: -30, max: 20 }

export function createAutoencoder({
  decoder,
  openEncoder,
  config,
  unnamed = USUAL_SCALE,
  halvings = null,
  inTiles,
}: AutoencoderParts): Autoencoder {
  const [latentInput] = decoder.inputs
  const channels = latentInput.shape[1]
  const latentChannels = configNumber(config, 'latent_channels') ?? (typeof channels === 'number' ? channels : 4)
  const levels = configNumbers(config, 'block_out_channels')?.length ?? (halvings ?? UNNAMED_HALVINGS) + 1
  const usual = config === null ? unnamed : USUAL_SCALE
  const scale = configNumber(config, 'scaling_factor') ?? usual.scale
  const shift = configNumber(config, 'shift_factor') ?? usual.shift
  if (levels === 0) throw wrongConfig('block_out_channels', 'at least one number', [])
  if (scale === 0) throw wrongConfig('scaling_factor', 'a number that is not 0', 0)
  const factor = 2 ** (levels - 1)
  const affine = createAffine(config, { scale, shift }, latentChannels)
  const decodeTiles = createTiler({ factor, from: 'latents', inTiles })
  const encodeTiles = createTiler({ factor, from: 'pixels', inTiles })

  return {
    factor,
    latentChannels,
    publishedPreview: findPublishedPreview(scale, latentChannels),
    toDecoderInput: latents => affine.unscale(latents),
    toScaled: unscaled => affine.scale(unscaled),
    decode: (latents, notify) =>
      eachRow(affine.unscale(latents), row =>
        decodeRow(decoder, row, { factor, tiles: decodeTiles, notify, asksForWide: config?.['force_upcast'] === true }),
      ),
    async encode(image, notify) {
      if (openEncoder === null) {
        throw new AppError(
          'model-missing',
          'This model has no vae_encoder/model.onnx, which work on a picture needs.',
          {
            details: { file: 'vae_encoder/model.onnx' },
          },
        )
      }
      const encoder = await openEncoder()
      const moments = await eachRow(image, row => encodeTiles(encoder, row, part => runOne(encoder, part), notify))
      return toPosterior(moments, latentChannels)
    },
  }
}

/** A draw from the posterior; `noise` has the shape of the mean and is not used when there is nothing to draw. */
export function samplePosterior({ mean, logVariance }: Posterior, noise: () => Float32Array): FloatTensor {
  if (logVariance === null) return mean
  const n = noise()
  const { fround } = Math
  const data = mean.data.map((value, i) => {
    const logvar = Math.min(Math.max(logVariance.data[i], LOG_VARIANCE.min), LOG_VARIANCE.max)
    return value + fround(fround(Math.exp(fround(0.5 * logvar))) * n[i])
  })
  return { dims: mean.dims, data }
}

interface Decoding {
  factor: number
  tiles: Tiler
  notify: Notify
  /** Its config says that float16 is not enough for it. */
  asksForWide: boolean
}

/** The layers of SDXL's first decoder overflow in float16: its pictures come out black, which looks like a bad prompt. */
async function decodeRow(
  decoder: Session,
  row: FloatTensor,
  { factor, tiles, notify, asksForWide }: Decoding,
): Promise<FloatTensor> {
  const picture = await tiles(decoder, row, part => decodeOne(decoder, part, factor), notify)
  if (!isFinite(picture)) {
    notify(createNotice(asksForWide ? 'decoder-overflow-declared' : 'decoder-overflow', {}))
  }
  return picture
}

/** A config that belongs to another decoder would otherwise show as a picture of noise. */
async function decodeOne(decoder: Session, latents: FloatTensor, factor: number): Promise<FloatTensor> {
  const image = await runOne(decoder, latents)
  const expected = [1, 3, latents.dims[2] * factor, latents.dims[3] * factor]
  if (sameDims(image.dims, expected)) return image
  throw new AppError(
    'model-incompatible',
    `vae_decoder/model.onnx gives a picture of shape [${image.dims.join(', ')}]; by its config it should be [${expected.join(', ')}].`,
    { details: { file: 'vae_decoder/model.onnx', expected, actual: image.dims } },
  )
}

async function runOne(session: Session, row: FloatTensor): Promise<FloatTensor> {
  const [input] = session.inputs
  const outputs = await session.run({ [input.name]: toTensor(row.data, row.dims, input.dtype) })
  const result = outputs[session.outputs[0].name]
  return { dims: result.dims, data: toFloat32(result) }
}

async function eachRow(tensor: FloatTensor, run: (row: FloatTensor) => Promise<FloatTensor>): Promise<FloatTensor> {
  const rows: FloatTensor[] = []
  for (let i = 0; i < tensor.dims[0]; i++) rows.push(await run(sliceRows(tensor, i, i + 1)))
  return rows.length === 1 ? rows[0] : concatRows(rows)
}

/** Twice the latent channels are mean and log variance, one above the other. */
function toPosterior(output: FloatTensor, latentChannels: number): Posterior {
  const [rows, channels, height, width] = output.dims
  if (channels === latentChannels) return { mean: output, logVariance: null }
  if (channels !== 2 * latentChannels) {
    throw new AppError(
      'model-incompatible',
      `vae_encoder/model.onnx gives ${channels} channels; expected ${latentChannels} or ${2 * latentChannels}.`,
      { details: { file: 'vae_encoder/model.onnx', expected: [latentChannels, 2 * latentChannels], actual: channels } },
    )
  }
  const dims = [rows, latentChannels, height, width]
  const half = latentChannels * height * width
  const take = (offset: number): FloatTensor => {
    const data = new Float32Array(rows * half)
    for (let row = 0; row < rows; row++) {
      const start = row * 2 * half + offset
      data.set(output.data.subarray(start, start + half), row * half)
    }
    return { dims, data }
  }
  return { mean: take(0), logVariance: take(half) }
}

function wrongConfig(key: string, expected: string, actual: unknown): AppError {
  return new AppError(
    'model-corrupt',
    `vae_decoder/config.json: ${key} is ${JSON.stringify(actual)}, which must be ${expected}.`,
    {
      details: { file: 'vae_decoder/config.json', key, expected, actual },
    },
  )
}

interface Affine {
  scale(tensor: FloatTensor): FloatTensor
  unscale(tensor: FloatTensor): FloatTensor
}

/** With `latents_mean` and `latents_std` (one a channel): z = (raw - mean) * scale / std. */
function createAffine(config: JsonObject | null, { scale, shift }: LatentScale, channels: number): Affine {
  const means = configNumbers(config, 'latents_mean')
  const deviations = configNumbers(config, 'latents_std')
  const { fround } = Math
  for (const [key, list] of [
    ['latents_mean', means],
    ['latents_std', deviations],
  ] as const) {
    if (list !== null && list.length !== channels) throw wrongConfig(key, `${channels} numbers`, list)
  }
  if (means === null || deviations === null) {
    return {
      scale: ({ dims, data }) => ({ dims, data: data.map(v => fround(v - shift) * scale) }),
      unscale: ({ dims, data }) => ({ dims, data: data.map(v => fround(v / scale) + shift) }),
    }
  }
  const byChannel = ({ dims, data }: FloatTensor, f: (value: number, channel: number) => number): FloatTensor => {
    const plane = data.length / (dims[0] * channels)
    return { dims, data: data.map((value, i) => f(value, Math.floor(i / plane) % channels)) }
  }
  return {
    scale: tensor => byChannel(tensor, (v, c) => ((v - means[c]) * scale) / deviations[c]),
    unscale: tensor => byChannel(tensor, (v, c) => (v * deviations[c]) / scale + means[c]),
  }
}
