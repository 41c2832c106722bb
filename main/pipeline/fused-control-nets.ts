/**
 * ControlNets inside a U-Net's graph, as diffusers' conversion script makes them: the graph takes the pictures and scales of
 * all its nets (`controlnet_conds` [nets, rows, 3, height, width], `controlnet_scales` [nets, 1]) and adds their residuals
 * itself. A net that nobody asks for is silent with scale 0.
 */
import { fusedNetName } from '#contract/passes'
import { AppError } from '#contract/errors'
import type { ControlNet, Residuals } from './control-net.ts'
import type { Conditions, Denoiser } from './denoiser.ts'
import { zeros, type FloatTensor } from './tensor.ts'

const PICTURES = 'controlnet_conds'
const SCALES = 'controlnet_scales'
/** Pixels a latent side: the nets' first layers halve their picture three times. */
const PIXELS = 8

export interface FusedControlNets {
  /** The U-Net, which may be asked with and without nets. */
  denoiser: Denoiser
  /** By the name of its place. Throws `model-incompatible`. */
  net(name: string): ControlNet
}

/** null: the graph has no nets inside. */
export function findFusedNets(unet: Denoiser): FusedControlNets | null {
  const input = unet.inputs.find(({ name }) => name === PICTURES)
  if (input === undefined) return null
  const [declared] = input.shape
  const count = typeof declared === 'number' ? declared : 1
  const names = Array.from({ length: count }, (_, i) => fusedNetName(i))
  return {
    denoiser: withSilentNets(unet, count),
    net(name) {
      const place = names.indexOf(name)
      if (place !== -1) return toNet(count, place)
      throw new AppError(
        'model-incompatible',
        `unet/model.onnx has the nets ${names.join(', ')}; asked for was ${name}.`,
        {
          details: { file: 'unet/model.onnx', tensor: PICTURES, expected: names, actual: name },
        },
      )
    },
  }
}

function withSilentNets(unet: Denoiser, count: number): Denoiser {
  let silent: { pictures: FloatTensor; scales: FloatTensor } | null = null
  const withNets = ({ dims: [rows, , height, width] }: FloatTensor, conditions: Conditions): Conditions => {
    if (conditions[PICTURES] !== undefined) return conditions
    const dims = [count, rows, 3, height * PIXELS, width * PIXELS]
    if (silent?.pictures.dims.join() !== dims.join()) silent = { pictures: zeros(dims), scales: zeros([count, 1]) }
    return { ...conditions, [PICTURES]: silent.pictures, [SCALES]: silent.scales }
  }
  return {
    ...unet,
    // Its rows are an inner axis of the pictures, which are not cut.
    limitRows: () => false,
    predict: (sample, timestep, conditions) => unet.predict(sample, timestep, withNets(sample, conditions)),
    predictAll: (sample, timestep, conditions) => unet.predictAll(sample, timestep, withNets(sample, conditions)),
  }
}

/** What it adds to the sum over the nets: its picture and its scale in their place, zeros in the others'. */
function toNet(count: number, place: number): ControlNet {
  let known: { image: Float32Array; pictures: FloatTensor } | null = null
  const net: ControlNet = {
    residuals({ dims: [rows] }, _timestep, _conditions, image, scale) {
      const dims = [count, rows, ...image.dims.slice(1)]
      if (known?.image !== image.data || known.pictures.dims.join() !== dims.join()) {
        known = { image: image.data, pictures: inPlace(dims, place, image.data) }
      }
      const scales = zeros([count, 1])
      scales.data[place] = scale
      return Promise.resolve<Residuals>({ [PICTURES]: known.pictures, [SCALES]: scales })
    },
    relieved: () => net,
  }
  return net
}

/** The picture once a row at its place. */
function inPlace(dims: readonly number[], place: number, image: Float32Array): FloatTensor {
  const pictures = zeros(dims)
  const [, rows] = dims
  for (let row = 0; row < rows; row++) pictures.data.set(image, (place * rows + row) * image.length)
  return pictures
}
