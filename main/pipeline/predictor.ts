/**
 * One guided prediction a step: latents (and what the U-Net wants beside them) through the network, conditions of the
 * negative and the positive prompt as two rows of one batch, joined by classifier-free guidance.
 */
import type { Conditions, Denoiser } from './denoiser.ts'
import { concatChannels, concatRows, repeatRows, sliceRows, type FloatTensor } from './tensor.ts'
import type { TextConditions } from './text/clip-conditioner.ts'

export interface PredictorOptions {
  denoiser: Denoiser
  conditions: TextConditions
  /** Pictures in one run. */
  batch: number
  guidance: number
  guidanceRescale: number
  /** Further input channels after the latents, [batch, channels, height, width]: mask, masked picture, low-resolution picture. */
  extraChannels?: FloatTensor
}

export type Predict = (scaled: FloatTensor, timestep: number) => Promise<Float32Array>

export function createPredictor(options: PredictorOptions): Predict {
  const { denoiser, conditions, batch, guidance, guidanceRescale, extraChannels } = options
  const { positive, negative } = conditions
  const rows = joinConditions(negative === null ? [positive] : [negative, positive], batch)
  const widen = (scaled: FloatTensor): FloatTensor => (extraChannels ? concatChannels([scaled, extraChannels]) : scaled)
  if (negative === null) return async (scaled, timestep) => (await denoiser.predict(widen(scaled), timestep, rows)).data
  return async (scaled, timestep) => {
    const input = widen(scaled)
    const output = await denoiser.predict(concatRows([input, input]), timestep, rows)
    const unconditional = sliceRows(output, 0, batch).data
    const conditional = sliceRows(output, batch, 2 * batch).data
    const guided = guide(unconditional, conditional, guidance)
    return guidanceRescale === 0 ? guided : rescaleGuided(guided, conditional, guidanceRescale, batch)
  }
}

/** Each side's row once for every picture; sides one after the other. */
function joinConditions(sides: readonly Conditions[], batch: number): Conditions {
  return Object.fromEntries(
    Object.keys(sides[0]).map(name => [name, concatRows(sides.map(side => repeatRows(side[name], batch)))]),
  )
}

/** Ho and Salimans 2022 (arXiv 2207.12598): guided = u + g (c - u), in float32. */
function guide(unconditional: Float32Array, conditional: Float32Array, guidance: number): Float32Array {
  const { fround } = Math
  const g = fround(guidance)
  return unconditional.map((u, i) => u + fround(g * fround(conditional[i] - u)))
}

/** Lin et al. 2024 (arXiv 2305.08891), section 3.4: phi guided std(c) / std(guided) + (1 - phi) guided, one picture at a time. */
function rescaleGuided(guided: Float32Array, conditional: Float32Array, phi: number, batch: number): Float32Array {
  const size = guided.length / batch
  const rescaled = new Float32Array(guided.length)
  for (let start = 0; start < guided.length; start += size) {
    const row = guided.subarray(start, start + size)
    const ratio = deviation(conditional.subarray(start, start + size)) / deviation(row)
    const factor = phi * ratio + (1 - phi)
    for (let i = 0; i < size; i++) rescaled[start + i] = row[i] * factor
  }
  return rescaled
}

function deviation(values: Float32Array): number {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1))
}
