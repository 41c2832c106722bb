/**
 * FLUX's transformer with the face of any other denoiser: latents are packed into tokens and unpacked again, positions are
 * added, and the time is told as 0..1 instead of 0..1000.
 */
import type { Conditions, Denoiser } from './denoiser.ts'
import { imageIds, packLatents, unpackLatents } from './flux-latents.ts'
import type { TensorInfo } from './session.ts'
import type { FloatTensor } from './tensor.ts'

const TIME_SCALE = 1000

export function createFluxDenoiser(inner: Denoiser, latentChannels: number): Denoiser {
  const inputNamed = (name: string): TensorInfo | undefined => inner.inputs.find(input => input.name === name)

  function positions(rows: number, height: number, width: number, tokens: number): Conditions {
    const ids = {
      img_ids: imageIds(height / 2, width / 2),
      txt_ids: { dims: [tokens, 3], data: new Float32Array(tokens * 3) },
    }
    return Object.fromEntries(
      Object.entries(ids).map(([name, tensor]) => [
        name,
        inputNamed(name)?.shape.length === 3 ? withRows(tensor, rows) : tensor,
      ]),
    )
  }

  return {
    sample: { ...inner.sample, shape: ['batch', latentChannels, 'height', 'width'] },
    inputs: inner.inputs,
    relief: inner.relief,
    limitRows: rows => inner.limitRows(rows),
    relievedRows: () => inner.relievedRows(),
    async predict(sample, timestep, conditions) {
      const [rows, , height, width] = sample.dims
      const tokens = conditions['encoder_hidden_states'].dims[1]
      const all = { ...conditions, ...positions(rows, height, width, tokens) }
      return unpackLatents(await inner.predict(packLatents(sample), timestep / TIME_SCALE, all), height, width)
    },
    predictAll: (sample, timestep, conditions) => inner.predictAll(sample, timestep, conditions),
  }
}

/** Exports before diffusers 0.31 have the positions once a row. */
function withRows({ dims, data }: FloatTensor, rows: number): FloatTensor {
  const repeated = new Float32Array(rows * data.length)
  for (let row = 0; row < rows; row++) repeated.set(data, row * data.length)
  return { dims: [rows, ...dims], data: repeated }
}
