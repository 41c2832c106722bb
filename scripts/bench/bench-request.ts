/** The request that every measurement makes, so that their numbers belong together. */
import path from 'node:path'
import { GENERATION_DEFAULTS, type GenerationRequest } from '#contract/generation'
import { readModelManifest } from './model-manifest.ts'
import { ROOT } from '../bootstrap/root.mjs'

export const MODEL_FOLDER = path.join(ROOT, 'models', 'starter')
export const PROMPT = 'a red apple on a blue background'
export const SEED = 7

/** The model's own recommendations, with the number of steps and pictures of the measurement. */
export function createBenchRequest(steps: number, images: number): GenerationRequest {
  const { id, recommended = {} } = readModelManifest(MODEL_FOLDER)
  return { ...GENERATION_DEFAULTS, ...recommended, model: id, prompt: PROMPT, seed: SEED, steps, images }
}
