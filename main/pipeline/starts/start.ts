/** What a run starts from, in the form that the loop needs: latents, the first call, and what the network is shown beside them. */
import type { PictureEncoder } from '../autoencoder.ts'
import type { Conditions } from '../denoiser.ts'
import type { Side } from '../guidance/guidance.ts'
import type { NormalSource } from '../random/normal-source.ts'
import type { Scheduler } from '../schedulers/scheduler.ts'
import { repeatRows, type FloatTensor } from '../tensor.ts'

export interface Start {
  /** Index of the first model call. */
  begin: number
  /** The initial noise; null when the latents came from elsewhere. */
  noise: FloatTensor | null
  latents: FloatTensor
  /** Channels behind the latents, for networks that look at a picture; not scaled by the sampler. */
  extraChannelsOf: ((side: Side) => FloatTensor) | null
  /** Further inputs of one row. */
  conditions: Conditions
  /** What is done to the latents after a call. */
  afterStep: ((latents: Float32Array, index: number) => Float32Array) | null
}

export interface StartContext {
  autoencoder: PictureEncoder
  scheduler: Scheduler
  steps: number
  /** Of the latents: [batch, channels, height, width]. */
  dims: readonly number[]
  /** Channels of the network's input. */
  inputChannels: number | null
  source: NormalSource
  /** The initial noise: the next draw, or what replaces it. */
  drawInitial: (dims: readonly number[]) => Float32Array
  /** LCM's own pipelines put the whole schedule below the strength instead of leaving its first part out. */
  isScheduleCompressed: boolean
}

/** A single picture's tensor for every picture of the batch. */
export function forBatch(tensor: FloatTensor, dims: readonly number[]): FloatTensor {
  return tensor.dims[0] === dims[0] ? tensor : repeatRows(tensor, dims[0] / tensor.dims[0])
}
