/**
 * One guided prediction a step: the latents go through the network once for every side that the guidance asks for (the
 * prompt, the negative prompt, ...), all sides as rows of one batch, and the guidance joins what comes out.
 */
import { AppError } from '#contract/errors'
import { controlResiduals, type Control } from './control-net.ts'
import type { Conditions, Denoiser } from './denoiser.ts'
import type { Guidance, Side, StepPosition } from './guidance/guidance.ts'
import { concatChannels, concatRows, repeatRows, sameDims, sliceRows, type FloatTensor } from './tensor.ts'

export interface PredictorOptions {
  denoiser: Denoiser
  guidance: Guidance
  /** One row each; asked only for the sides that the guidance names. */
  conditionsOf: (side: Side) => Conditions
  /** Channels behind the latents, [batch, channels, height, width]: mask, masked picture, low-resolution picture. */
  extraChannelsOf: ((side: Side) => FloatTensor) | null
  /** Pictures in one run. */
  batch: number
  /** Nets that guide by a picture; `denoiser` takes their residuals. */
  control: { denoiser: Denoiser; controls: readonly Control[]; isGuessMode: boolean } | null
}

export type Predict = (scaled: FloatTensor, timestep: number, position: StepPosition) => Promise<Float32Array>

export function createPredictor(options: PredictorOptions): Predict {
  const { denoiser, guidance, conditionsOf, extraChannelsOf, batch, control } = options
  const joined = new Map<string, Conditions>()
  const conditionsFor = (sides: readonly Side[]): Conditions => {
    const key = sides.join()
    const known = joined.get(key) ?? joinConditions(sides.map(conditionsOf), batch)
    joined.set(key, known)
    return known
  }
  return async (scaled, timestep, position) => {
    const sides = guidance.sidesAt(position)
    const rows = sides.map(side => (extraChannelsOf ? concatChannels([scaled, extraChannelsOf(side)]) : scaled))
    const input = rows.length === 1 ? rows[0] : concatRows(rows)
    const conditions = conditionsFor(sides)
    const residuals =
      control &&
      (await controlResiduals(control.controls, control.isGuessMode, {
        scaled,
        timestep,
        position,
        sides,
        conditions,
        batch,
      }))
    const output =
      control && residuals
        ? await control.denoiser.predict(input, timestep, { ...conditions, ...residuals })
        : await denoiser.predict(input, timestep, conditions)
    checkOutput(output, sides.length * batch, scaled)
    const predictions = sides.map((_, i) => sliceRows(output, i * batch, (i + 1) * batch).data)
    return guidance.combine(predictions, position, batch)
  }
}

/** Networks that predict variances too, or that belong to other latents, would give a picture of noise. */
function checkOutput(output: FloatTensor, rows: number, latents: FloatTensor): void {
  const expected = [rows, ...latents.dims.slice(1)]
  if (sameDims(output.dims, expected)) return
  const shapes = `[${output.dims.join(', ')}] instead of [${expected.join(', ')}]`
  throw new AppError('model-incompatible', `The denoising network gives a prediction of shape ${shapes}.`, {
    details: { expected, actual: output.dims },
  })
}

/** Each side's row once for every picture; sides one after the other. */
function joinConditions(sides: readonly Conditions[], batch: number): Conditions {
  return Object.fromEntries(
    Object.keys(sides[0]).map(name => [name, concatRows(sides.map(side => repeatRows(side[name], batch)))]),
  )
}
