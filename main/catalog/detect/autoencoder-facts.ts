/** What the autoencoder's two graphs say: latent channels, pixels a latent side, and whether the encoder draws by itself. */
import { axis, lengthOf, numberOf, weightDims, type Part } from './folder-contents.ts'
import { countHalvings } from '#graph/count-halvings'

export interface AutoencoderFacts {
  latentChannels: number | null
  factor: number | null
  /** Fixed latent size of the decoder, [height, width]. */
  fixedSize: [number, number] | null
  /** The encoder draws from the posterior by itself: what starts from a picture cannot be repeated. */
  drawsInGraph: boolean
  /** Channels that the encoder gives; null when it does not say or is absent. */
  encodedChannels: number | null
}

export function readAutoencoderFacts(decoder: Part | null, encoder: Part | null): AutoencoderFacts {
  const latents = decoder?.header.inputs[0]
  const encoded = encoder?.header.outputs[0]
  const config = decoder?.config ?? encoder?.config ?? null
  const [height, width] = [axis(latents, 2), axis(latents, 3)]
  return {
    latentChannels: axis(latents, 1) ?? inputChannels(decoder) ?? numberOf(config, 'latent_channels'),
    factor: factorOf(decoder, config),
    fixedSize: height === null || width === null ? null : [height, width],
    drawsInGraph: encoder?.header.operators.some(({ type }) => type.startsWith('RandomNormal')) === true,
    encodedChannels: axis(encoded, 1),
  }
}

function inputChannels(decoder: Part | null): number | null {
  if (decoder === null) return null
  return weightDims(decoder, /^(post_quant_conv|decoder\.conv_in)\.weight$/)?.[1] ?? null
}

function factorOf(decoder: Part | null, config: Part['config']): number | null {
  if (decoder !== null) {
    const [latent, pixels] = [axis(decoder.header.inputs[0], 2), axis(decoder.header.outputs[0], 2)]
    if (latent !== null && pixels !== null) return pixels / latent
    const doublings = countHalvings(decoder.header)
    if (doublings !== null) return 2 ** doublings
  }
  const blocks = lengthOf(config, 'block_out_channels')
  return blocks === null ? null : 2 ** (blocks - 1)
}
