/** A case of a whole pipeline as the golden files write it: what diffusers was called with, and the arrays that came out. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { FloatTensor } from '#pipeline/tensor'
import { parsePythonJson } from '../python-json.ts'

/** Arguments of the diffusers pipeline; what is absent has its default. */
export interface PipelineCall {
  prompt: string
  negative_prompt?: string
  prompt_2?: string
  negative_prompt_2?: string
  width?: number
  height?: number
  num_inference_steps: number
  guidance_scale: number
  guidance_rescale?: number
  num_images_per_prompt?: number
  clip_skip?: number
  eta?: number
  strength?: number
  image?: string | string[]
  mask_image?: string
  /** No argument of diffusers: the mask's grey values are strengths. */
  mask_as_strength?: boolean
  control_image?: string
  image_guidance_scale?: number
  noise_level?: number
  original_inference_steps?: number
  denoising_end?: number
  denoising_start?: number
  controlnet_conditioning_scale?: number | number[]
  control_guidance_start?: number | number[]
  control_guidance_end?: number | number[]
  guess_mode?: boolean
  original_size?: [number, number]
  crops_coords_top_left?: [number, number]
  target_size?: [number, number]
  negative_original_size?: [number, number]
  negative_crops_coords_top_left?: [number, number]
  negative_target_size?: [number, number]
  aesthetic_score?: number
  negative_aesthetic_score?: number
}

export interface PipelineCase {
  id: string
  task: string
  call: PipelineCall
  seed: number | number[]
  scheduler: { class: string; from_config_overrides: Record<string, unknown> | null }
  timesteps_run: number[]
  tokens: Record<string, { prompt_ids: number[]; negative_ids?: number[] }>
  chunk_token_ids?: unknown
  /** [height, width] or [width, height] of the picture; the array `image` decides. */
  arrays: Record<string, { shape: number[]; offset: number }>
  bin: string
}

export interface CaseFiles {
  settings: PipelineCase
  /** Folder with the input pictures. */
  inputs: string
  array(name: string): FloatTensor | null
}

export function readCaseFiles(goldenFolder: string, id: string): CaseFiles {
  const settings = parsePythonJson(readFileSync(path.join(goldenFolder, `${id}.json`), 'utf8')) as PipelineCase
  const bytes = readFileSync(path.join(goldenFolder, settings.bin))
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  return {
    settings,
    inputs: path.join(goldenFolder, 'inputs'),
    array(name) {
      const entry = settings.arrays[name]
      if (entry === undefined) return null
      const count = entry.shape.reduce((product, n) => product * n, 1)
      return { dims: entry.shape, data: new Float32Array(buffer, entry.offset, count) }
    },
  }
}
