/**
 * A network that makes pictures larger, pixels in and pixels out (ESRGAN, Wang et al. 2018, arXiv 1809.00219, and its kin):
 *
 *   [1, 3, h, w] in 0..1 -> [1, 3, f h, f w] in 0..1
 *
 * Its factor f is read from what it gives. Networks that attend in windows want sides of whole windows, so all are shown those.
 */
import { AppError } from '#contract/errors'
import type { Session } from './session.ts'
import { toFloat32, toTensor } from './tensor-cast.ts'

/** Bytes, three a pixel, row by row. */
export interface RgbTile {
  width: number
  height: number
  data: Uint8Array
}

export interface SuperResolution {
  /** Sides that it takes are multiples of this, in pixels. */
  multiple: number
  /** The only size that its graph takes; null: any. */
  fixedSize: { width: number; height: number } | null
  /** Runs the network once the first time. Throws `model-incompatible` where the sides do not grow by one whole factor. */
  factor(): Promise<number>
  /** Of a legal size. */
  enlarge(tile: RgbTile): Promise<RgbTile>
}

/** Windows of SwinIR and its kin; others are not hurt by it. */
const WINDOW = 8
/** A picture that is shown to find the factor. */
const PROBE = 4 * WINDOW

export function createSuperResolution(session: Session, file: string): SuperResolution {
  const [input] = session.inputs
  const [output] = session.outputs
  const [, , height, width] = input.shape
  const fixedSize = typeof height === 'number' && typeof width === 'number' ? { width, height } : null
  let known: number | null = null

  async function enlarge({ width, height, data }: RgbTile): Promise<RgbTile> {
    const plane = width * height
    const values = new Float32Array(3 * plane)
    for (let pixel = 0; pixel < plane; pixel++)
      for (let colour = 0; colour < 3; colour++) values[colour * plane + pixel] = data[3 * pixel + colour] / 255
    const results = await session.run({ [input.name]: toTensor(values, [1, 3, height, width], input.dtype) })
    const { dims } = results[output.name]
    if (dims.length !== 4 || dims[1] !== 3)
      throw incompatible(file, output.name, '[1, 3, height, width]', `[${dims.join(', ')}]`)
    return { width: dims[3], height: dims[2], data: toBytes(toFloat32(results[output.name])) }
  }

  return {
    multiple: WINDOW,
    fixedSize,
    enlarge,
    async factor() {
      if (known !== null) return known
      const probe = fixedSize ?? { width: PROBE, height: PROBE }
      const made = await enlarge({ ...probe, data: new Uint8Array(3 * probe.width * probe.height) })
      const factor = made.width / probe.width
      if (!Number.isInteger(factor) || factor < 1 || made.height !== probe.height * factor) {
        const expected = 'both sides larger by one whole factor'
        throw incompatible(
          file,
          output.name,
          expected,
          `${probe.width}x${probe.height} became ${made.width}x${made.height}`,
        )
      }
      known = factor
      return factor
    },
  }
}

/** Planes in 0..1 -> interleaved bytes; clamps, and rounds half to even. */
function toBytes(values: Float32Array): Uint8Array {
  const plane = values.length / 3
  const bytes = new Uint8ClampedArray(values.length)
  for (let colour = 0; colour < 3; colour++)
    for (let pixel = 0; pixel < plane; pixel++) bytes[3 * pixel + colour] = values[colour * plane + pixel] * 255
  return new Uint8Array(bytes.buffer)
}

function incompatible(file: string, tensor: string, expected: string, actual: string): AppError {
  const message = `${file} does not make a picture larger as expected: ${tensor} should be ${expected}, it is ${actual}.`
  return new AppError('model-incompatible', message, { details: { file, tensor, expected, actual } })
}
