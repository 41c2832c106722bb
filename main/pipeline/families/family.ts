/** What a model family brings to the pipeline beside its networks: its conditions, its schedule, how guidance is told. */
import type { StrengthRounding } from '#contract/strength'
import type { ControlNet } from '../control-net.ts'
import type { Denoiser } from '../denoiser.ts'
import type { ModelFiles, ReadWeight } from '../model-files.ts'
import type { SetTimesteps } from '../schedulers/scheduler.ts'
import type { Session } from '../session.ts'
import type { Conditioner } from '../text/clip-conditioner.ts'

/**
 * `two-sided`: a negative and a positive prediction. `features` (LCM) and `number` (FLUX dev): an input of the network.
 * `none`: distilled for one scale (FLUX schnell).
 */
export type GuidanceStyle =
  | { kind: 'two-sided' }
  | { kind: 'features'; name: string; count: number }
  | { kind: 'number'; name: string }
  | { kind: 'none' }

export interface Family {
  conditioner: Conditioner
  denoiser: Denoiser
  guidance: GuidanceStyle
  /** Channels of the denoiser's input by its config; null when neither says it. */
  inputChannels: number | null
  /** Latents along a side come in multiples of this. */
  latentMultiple: number
  rounding: StrengthRounding
  /** The schedule for latents of these dims. */
  schedule(steps: number, dims: readonly number[]): SetTimesteps
  /** The denoiser that takes residuals of ControlNets; opened at the first use. */
  controlDenoiser(): Promise<Denoiser>
  /** The net in this folder; opened at the first use. */
  controlNet(name: string): Promise<ControlNet>
}

export interface FamilyContext {
  files: ModelFiles
  /** Opens the graph of this folder, once. */
  open: (name: string) => Promise<Session>
  /** The same as a network that predicts or controls. */
  openDenoiser: (name: string) => Promise<Denoiser>
  readWeight: ReadWeight
  /** Of the autoencoder. */
  latentChannels: number
}
