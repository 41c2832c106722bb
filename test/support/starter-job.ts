/** A small job for the starter model, for tests that run a real engine. */
import { join } from 'node:path'
import type { GenerationRequest } from '#contract/generation'
import type { EngineJob } from '#engine/engine'

export const STARTER_FOLDER = join(import.meta.dirname, '../../models/starter')

export const SMALL_REQUEST: GenerationRequest = {
  model: 'starter',
  prompt: 'a red apple on a blue background',
  negativePrompt: '',
  width: 128,
  height: 96,
  steps: 3,
  guidance: 4,
  guidanceRescale: 0,
  scheduler: 'ddim',
  sigmaSchedule: 'model',
  seed: 7,
  noiseSource: 'torch-cpu',
  variationSeed: 0,
  variationStrength: 0,
  clipSkip: 0,
  images: 1,
}

/** Files are named 0.png, 1.png, ... in `outputFolder`. */
export function starterJob(outputFolder: string, changes: Partial<GenerationRequest> = {}): EngineJob {
  const request = { ...SMALL_REQUEST, ...changes }
  return {
    id: 'job-1',
    modelFolder: STARTER_FOLDER,
    request,
    sourcesFolder: join(outputFolder, 'sources'),
    outputs: Array.from({ length: request.images }, (_, image) => join(outputFolder, `${image}.png`)),
    appVersion: '1.2.3',
    threads: 0,
    provider: 'auto',
    memoryMb: 0,
    relief: [],
  }
}
