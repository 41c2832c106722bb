/**
 * What a request may ask for beside one run of one model: a second run at a larger size (hires fix), a refiner that takes
 * over on the way, and ControlNets that hold the picture to a sketch, a pose, edges.
 */
import { z } from 'zod'
import { sourceId } from './edit.ts'
import { identifier, listOf, numberInRange, oneOf, wholeNumber } from './fields.ts'

/** `latents` are enlarged bilinearly as A1111's "Latent" does, `pixels` with Lanczos' filter after decoding. */
export const HIRES_SOURCES = ['latents', 'pixels'] as const

/** What a ControlNet is shown of its picture: the picture, or its edges (Canny 1986) in white on black. */
export const PREPROCESSORS = ['none', 'canny'] as const

export const PASS_LIMITS = {
  hiresScale: { min: 1, max: 4 },
  hiresStrength: { min: 0.01, max: 1 },
  hiresSteps: { min: 1, max: 1000 },
  controlScale: { min: 0, max: 2 },
  fraction: { min: 0, max: 1 },
  controls: 8,
} as const

/** Sides of requests are multiples of this. */
const SIZE_STEP = 8

const hiresFields = {
  /** Of both sides; the result is rounded down to a multiple of 8. */
  scale: numberInRange(PASS_LIMITS.hiresScale),
  /** As in image to image. */
  strength: numberInRange(PASS_LIMITS.hiresStrength),
  /** Of the whole schedule, of which the last part runs as the strength says. */
  steps: wholeNumber(PASS_LIMITS.hiresSteps),
  from: oneOf(HIRES_SOURCES),
}
export const hiresSchema = z.strictObject(hiresFields)
export type Hires = z.infer<typeof hiresSchema>
export const hiresInputSchema = z.strictObject(z.object(hiresFields).partial().shape)
export type HiresInput = z.infer<typeof hiresInputSchema>

/** `steps` are those of the request where nothing is said. */
export const HIRES_DEFAULTS = { scale: 2, strength: 0.6, from: 'latents' } as const satisfies Omit<Hires, 'steps'>

/** Nets inside a U-Net's graph have no folder: they are counted, from 1. */
export function fusedNetName(index: number): string {
  return `controlnet-${index + 1}`
}

const controlFields = {
  /** Folder of the net inside the model, or `fusedNetName`. */
  net: identifier(),
  image: sourceId(),
  scale: numberInRange(PASS_LIMITS.controlScale),
  /** Fractions of the steps between which it speaks. */
  start: numberInRange(PASS_LIMITS.fraction),
  end: numberInRange(PASS_LIMITS.fraction),
  preprocessor: oneOf(PREPROCESSORS),
}
export const controlSchema = z.strictObject(controlFields)
export type ControlRequest = z.infer<typeof controlSchema>
/** How a picture controls, without saying which one. */
export const controlOptionsSchema = z.strictObject({
  ...z.object(controlFields).omit({ image: true }).partial().shape,
  net: controlFields.net,
})
export const controlInputSchema = controlOptionsSchema.extend({ image: controlFields.image })
export type ControlInput = z.infer<typeof controlInputSchema>

export const CONTROL_DEFAULTS = { scale: 1, start: 0, end: 1, preprocessor: 'none' } as const satisfies Omit<
  ControlRequest,
  'net' | 'image'
>

const refinerFields = {
  model: identifier(),
  /** Fraction of the way at which it takes over; diffusers' denoising_end and denoising_start. */
  at: numberInRange(PASS_LIMITS.fraction),
}
export const refinerSchema = z.strictObject(refinerFields)
export const refinerInputSchema = refinerSchema.partial({ at: true })

export const REFINER_DEFAULTS = { at: 0.8 } as const

/** What a user may send of it. */
export const passesInputSchema = z.object({
  hires: hiresInputSchema.optional(),
  controls: listOf(controlInputSchema, { min: 0, max: PASS_LIMITS.controls }, 'ControlNets').optional(),
  refiner: refinerInputSchema.optional(),
})
type PassesInput = z.infer<typeof passesInputSchema>

/** Complete; stored requests of before it existed have none of it. */
export const passesSchema = z.object({
  hires: hiresSchema.optional(),
  controls: listOf(controlSchema, { min: 0, max: PASS_LIMITS.controls }, 'ControlNets').optional(),
  refiner: refinerSchema.optional(),
})
type Passes = z.infer<typeof passesSchema>

export function resolvePasses({ hires, controls, refiner }: PassesInput, { steps }: { steps: number }): Passes {
  return {
    ...(hires === undefined ? {} : { hires: { ...HIRES_DEFAULTS, steps, ...definedOnly(hires) } }),
    ...(controls === undefined || controls.length === 0
      ? {}
      : { controls: controls.map(control => ({ ...CONTROL_DEFAULTS, ...definedOnly(control) })) }),
    ...(refiner === undefined ? {} : { refiner: { ...REFINER_DEFAULTS, ...definedOnly(refiner) } }),
  }
}

/** Size of the picture after the second pass. */
export function hiresSizeOf({ width, height }: { width: number; height: number }, { scale }: Pick<Hires, 'scale'>) {
  const enlarge = (side: number): number => Math.floor((side * scale) / SIZE_STEP) * SIZE_STEP
  return { width: enlarge(width), height: enlarge(height) }
}

/** `{ steps: undefined }` must not erase a default. */
export function definedOnly<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T
}
