/**
 * The port between the application and whatever makes the pictures. `local-engine` runs the pipeline in this process,
 * `remote-engine` in a supervised child; both pass the same test suite and give the same pixels.
 */
import { AppError } from '#contract/errors'
import type { ImageCost } from '#contract/estimate'
import type { GenerationRequest } from '#contract/generation'
import type { ReliefMeasure } from '#contract/memory'
import type { ProviderChoice } from '#contract/providers'
import type { JobPhase, Preview } from '#contract/jobs'
import type { Notice } from '#contract/notices'
import type { TokenCount } from '#contract/token-count'

export interface UsedLora {
  name: string
  file: string
  weight: number
  hash: string
}

export interface EngineJob {
  id: string
  /** Absolute path of the model's folder. */
  modelFolder: string
  /** That of `request.refiner`. */
  refinerFolder?: string | undefined
  /** That of `request.vae`: its absolute folder, and the identity of its files for the picture's metadata. */
  vae?: { folder: string; hash: string } | undefined
  /** Identity of the refiner's files, for the picture's metadata. */
  refinerHash?: string | undefined
  /** Those of `request.loras`: their absolute files with the SHA-256 of each. */
  loras?: readonly UsedLora[] | undefined
  request: GenerationRequest
  /** Absolute folder with the pictures that `request.edit` names. */
  sourcesFolder: string
  /** Absolute path for the PNG of image i; written under another name first and renamed, so never half there. */
  outputs: string[]
  /** Version of Easel, written into every picture's metadata. */
  appVersion: string
  /** Identity of the model's files, written into every picture's metadata; absent where nobody has hashed them. */
  modelHash?: string | undefined
  /** 0: as many as the machine leaves to this process. */
  threads: number
  provider: ProviderChoice
  /** What a model may take, in MB; 0: what the machine has free. */
  memoryMb: number
  /** What an earlier attempt died of; this one does without from the start. */
  relief: readonly ReliefMeasure[]
  /** Absolute path of the file that keeps where the image in work stands, so that another attempt goes on there; absent: nowhere. */
  checkpoint?: string | undefined
}

export interface ImageResult {
  image: number
  path: string
  width: number
  height: number
  sizeBytes: number
  /** From the first step's start (or the job's, for the first image) to the file on disk. */
  durationMs: number
  /** What the user should know of how this image was made; also in its file. */
  notices: Notice[]
  cost: ImageCost
}

export type EngineEvent =
  | { type: 'phase'; image: number; phase: JobPhase }
  | { type: 'step'; image: number; step: number; steps: number; stepMs: number }
  | { type: 'preview'; preview: Preview }
  | { type: 'image'; result: ImageResult }
  | { type: 'notice'; notice: Notice }

export interface GenerateOptions {
  /** Takes effect between two steps; the promise then rejects with AppError `cancelled`. */
  signal: AbortSignal
  onEvent: (event: EngineEvent) => void
}

export interface Engine {
  /** One job at a time: a second call while one runs rejects with `internal`. */
  generate(job: EngineJob, options: GenerateOptions): Promise<ImageResult[]>
  /** How a prompt fits the model's text encoder. Loads no network; while a job runs, the answer may wait for its step. */
  countTokens(modelFolder: string, text: string): Promise<TokenCount>
  /** A small WebP of a picture's file; both paths absolute. Loads no network; while a job runs, it may wait for its step. */
  makeThumbnail(from: string, to: string): Promise<void>
  /** Drops loaded models; the next job loads again. */
  unload(): Promise<void>
  dispose(): Promise<void>
}

/** Whether the engine was most likely lost because memory ran out, and less of it would help. */
export function diedOfMemory(error: unknown): boolean {
  return error instanceof AppError && error.code === 'engine-lost' && error.details?.['isMemory'] === true
}
