/** The sections of a file of pure functions, by name; one that is not here fails by name. */
import { failingCase, type ParityCase } from '../comparison.ts'
import { classifierFree, guidanceEmbedding, timestepEmbedding } from './guidance-functions.ts'
import { cropRegions, imagePostprocess, imagePreprocess, inpaintMask } from './image-functions.ts'
import {
  calculateShift,
  fluxFillMask,
  fluxPack,
  inpaintBlend,
  nearestIndices,
  vaePosterior,
} from './latent-functions.ts'
import { controlNetKeep, handover, strengthTable, timeIds } from './schedule-functions.ts'
import type { SectionRunner, Sections } from './section.ts'

const SECTIONS: Readonly<Record<string, SectionRunner>> = {
  cfg_and_rescale_noise_cfg: classifierFree,
  lcm_guidance_scale_embedding: guidanceEmbedding,
  calculate_shift: calculateShift,
  flux_pack: fluxPack,
  timestep_embedding: timestepEmbedding,
  img2img_get_timesteps: strengthTable,
  controlnet_keep: controlNetKeep,
  vae_latent_dist: vaePosterior,
  image_preprocess: imagePreprocess,
  image_postprocess: imagePostprocess,
  inpaint_mask: inpaintMask,
  padding_mask_crop_region: cropRegions,
  interpolate_nearest: nearestIndices,
  inpaint_blend_4ch: inpaintBlend,
  flux_fill_mask_pack: fluxFillMask,
  sdxl_time_ids: timeIds,
  sdxl_denoising_end_start: handover,
}

/** A file of functions has at least one section that is known, and nothing but sections. */
export function isFunctionFile(sections: Sections): boolean {
  return Object.keys(sections).some(name => Object.hasOwn(SECTIONS, name))
}

export function functionCases(sections: Sections): ParityCase[] {
  return Object.entries(sections).flatMap(([name, record]) => {
    if (!Object.hasOwn(SECTIONS, name)) return [failingCase(name, 'there is no function of this name')]
    try {
      return SECTIONS[name](record, sections).map(c => inSection(name, c))
    } catch (error) {
      return [failingCase(name, error instanceof Error ? error.message : String(error))]
    }
  })
}

function inSection(name: string, { id, run }: ParityCase): ParityCase {
  return { id: `${name}: ${id}`, run: async () => ({ ...(await run()), id: `${name}: ${id}` }) }
}
