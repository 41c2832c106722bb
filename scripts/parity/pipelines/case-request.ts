/** The arguments of a diffusers call -> the request of Easel's pipeline that has to give the same numbers. */
import path from 'node:path'
import { toGrey, type PixelImage } from '#imaging/pixel-image'
import { resizeImage } from '#imaging/resample'
import { decodePicture } from '#imaging/sharp-codec'
import type { Components } from '#pipeline/components'
import type { Control } from '#pipeline/control-net'
import type { Size } from '#pipeline/latents'
import { toMask } from '#pipeline/masks'
import type { ModelFiles } from '#pipeline/model-files'
import { fromRgbImage } from '#pipeline/pixels'
import type { NormalSource } from '#pipeline/random/normal-source'
import { TorchCpuGenerator } from '#pipeline/random/torch-cpu'
import { createSchedulerOfClass } from '#pipeline/schedulers/index'
import type { Scheduler } from '#pipeline/schedulers/scheduler'
import type { StartingPoint } from '#pipeline/starts/prepare-start'
import type { FloatTensor } from '#pipeline/tensor'
import type { TextRequest } from '#pipeline/text/clip-conditioner'
import { plainPrompt } from '#contract/prompt'
import type { CaseFiles, PipelineCall } from './pipeline-case.ts'

export function schedulerOf({ settings }: CaseFiles, files: ModelFiles): Scheduler {
  const { class: className, from_config_overrides: overrides } = settings.scheduler
  const { eta } = settings.call
  const config = { ...files.schedulerConfig, ...overrides }
  return createSchedulerOfClass(className, config, eta === undefined ? {} : { eta })
}

export function textRequestOf(
  { call }: { call: PipelineCall },
  size: Size,
  guided: boolean,
  truncate: boolean,
): TextRequest {
  const negative = (text: string | undefined) => (text === undefined ? null : plainPrompt(text))
  const { original_size, crops_coords_top_left, target_size } = call
  const whole: [number, number] = [size.height, size.width]
  const positive = {
    original: original_size ?? whole,
    crop: crops_coords_top_left ?? ([0, 0] as const),
    target: target_size ?? whole,
    aestheticScore: call.aesthetic_score ?? 6,
  }
  const hasOwn = call.negative_original_size !== undefined && call.negative_target_size !== undefined
  const isRefiner = call.aesthetic_score !== undefined // its crop for the negative prompt has a default of its own
  const opposite = {
    original: hasOwn ? (call.negative_original_size ?? whole) : positive.original,
    crop: hasOwn || isRefiner ? (call.negative_crops_coords_top_left ?? ([0, 0] as const)) : positive.crop,
    target: hasOwn ? (call.negative_target_size ?? whole) : positive.target,
    aestheticScore: call.negative_aesthetic_score ?? 2.5,
  }
  return {
    prompt: plainPrompt(call.prompt),
    negativePrompt: negative(call.negative_prompt),
    guided,
    size,
    truncate,
    clipSkip: call.clip_skip ?? 0,
    said: { positive, negative: opposite },
    ...(call.prompt_2 === undefined && call.negative_prompt_2 === undefined
      ? {}
      : {
          second: {
            prompt: plainPrompt(call.prompt_2 ?? call.prompt),
            negativePrompt: negative(call.negative_prompt_2 ?? call.negative_prompt),
          },
        }),
  }
}

export async function startOf(caseFiles: CaseFiles, size: Size, files: ModelFiles): Promise<StartingPoint> {
  const { settings, inputs, array } = caseFiles
  const { call, task } = settings
  const pixels = async () => toPixels(await readRgb(inputs, call.image), size)
  if (call.denoising_start !== undefined) {
    const latents = array('input_latents')
    if (latents === null) throw new Error('the case has no input_latents')
    return { kind: 'latents', latents, fraction: call.denoising_start }
  }
  switch (task.replace('controlnet_', '')) {
    case 'img2img':
      return { kind: 'image', pixels: await pixels(), strength: call.strength ?? 0.8 }
    case 'inpaint': {
      const grey = toGrey(fit(await readRgb(inputs, call.mask_image), size))
      const maskAsStrength = call.mask_as_strength ?? false
      return {
        kind: 'inpaint',
        pixels: await pixels(),
        mask: maskAsStrength ? toShares(grey) : toMask(grey.data, size.height, size.width),
        strength: call.strength ?? 1,
        maskAsStrength,
      }
    }
    case 'instruct':
      return { kind: 'instruct', pixels: await pixels(), imageGuidance: call.image_guidance_scale ?? 1.5 }
    case 'upscale': {
      const picture = await readRgb(inputs, call.image)
      const config = files.lowResSchedulerConfig ?? {}
      return {
        kind: 'upscale',
        pixels: toPixels(picture, picture),
        noiseLevel: call.noise_level ?? 20,
        lowResScheduler: createSchedulerOfClass(String(config['_class_name']), config),
      }
    }
    default:
      return { kind: 'noise' }
  }
}

/** Height and width of the call; else of its picture (upscaling: four times that). */
export async function sizeOf({ settings, inputs, array }: CaseFiles, components: Components): Promise<Size> {
  const { call, task } = settings
  if (call.height !== undefined && call.width !== undefined) return { height: call.height, width: call.width }
  const latents = array('latents_steps')
  if (latents !== null) {
    const { factor } = components.autoencoder
    const [height, width] = latents.dims.slice(-2)
    return { height: height * factor, width: width * factor }
  }
  const { height, width } = await readRgb(inputs, call.image)
  return task === 'upscale' ? { height: height * 4, width: width * 4 } : { height, width }
}

/** Of the pipeline classes that do not have 1. */
const DEFAULT_SCALES: Readonly<Record<string, number>> = { controlnet_img2img: 0.8, controlnet_inpaint: 0.5 }

export async function controlsOf({ settings, inputs }: CaseFiles, size: Size, components: Components) {
  const { call, task } = settings
  if (!task.startsWith('controlnet')) return undefined
  const folders =
    task === 'controlnet2' ? ['controlnet', 'controlnet_2'] : [task === 'controlnet_b' ? 'controlnet_2' : 'controlnet']
  const images = [call.control_image ?? call.image].flat()
  const nth = (value: number | number[] | undefined, i: number, fallback: number) =>
    (Array.isArray(value) ? value[i] : value) ?? fallback
  const controls: Control[] = []
  for (const [i, folder] of folders.entries()) {
    const picture = fit(await readRgb(inputs, images[i]), size)
    controls.push({
      net: await components.controlNet(folder),
      image: toUnit(picture),
      scale: nth(call.controlnet_conditioning_scale, i, DEFAULT_SCALES[task] ?? 1),
      start: nth(call.control_guidance_start, i, 0),
      end: nth(call.control_guidance_end, i, 1),
    })
  }
  return { controls, isGuessMode: call.guess_mode === true }
}

/** One generator for the whole batch, or one a picture, as `randn_tensor` of diffusers has it. */
export function noiseOf(seed: number | number[]): NormalSource {
  if (typeof seed === 'number') return new TorchCpuGenerator(seed)
  const generators = seed.map(one => new TorchCpuGenerator(one))
  return {
    normal(dims) {
      const rows = generators.map(generator => generator.normal([1, ...dims.slice(1)]))
      const all = new Float32Array(rows.length * rows[0].length)
      for (const [i, row] of rows.entries()) all.set(row, i * row.length)
      return all
    },
    saveState: () => ({}),
    restoreState: () => undefined,
  }
}

async function readRgb(folder: string, name: string | string[] | undefined): Promise<PixelImage> {
  if (typeof name !== 'string') throw new Error('the case names no picture')
  const { width, height, data } = await decodePicture(path.join(folder, name))
  return { width, height, channels: 3, data: data.subarray(0, width * height * 3) }
}

function fit(image: PixelImage, size: Size): PixelImage {
  return image.width === size.width && image.height === size.height ? image : resizeImage(image, size, 'lanczos')
}

function toPixels(image: PixelImage, size: Size): FloatTensor {
  return fromRgbImage(fit(image, size))
}

/** [1, 1, height, width] in 0..1. */
function toShares({ width, height, data }: PixelImage): FloatTensor {
  return { dims: [1, 1, height, width], data: Float32Array.from(data, value => value / 255) }
}

/** [1, 3, height, width] in 0..1. */
function toUnit({ width, height, data }: PixelImage): FloatTensor {
  const plane = width * height
  return {
    dims: [1, 3, height, width],
    data: Float32Array.from({ length: 3 * plane }, (_, i) =>
      Math.fround(data[(i % plane) * 3 + Math.floor(i / plane)] / 255),
    ),
  }
}
