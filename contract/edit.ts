/**
 * The part of a request that starts from a picture: image to image, and inpainting where there is a mask. Pictures are
 * named by their content (the SHA-256 of the file), so a request stays plain data and means the same pixels for ever.
 */
import { z } from 'zod'
import { numberInRange, oneOf, wholeNumber, yesOrNo } from './fields.ts'

/** What stands under the mask before the first step: the picture itself, its surroundings drawn in, noise, or grey. */
export const FILLS = ['original', 'blurred', 'noise', 'nothing'] as const
export type Fill = (typeof FILLS)[number]

/** Lengths are pixels of the source picture. */
export const EDIT_LIMITS = {
  strength: { min: 0.01, max: 1 },
  grow: { min: 0, max: 256 },
  feather: { min: 0, max: 256 },
  pasteErode: { min: 0, max: 256 },
  pasteBlur: { min: 0, max: 64 },
  padding: { min: 0, max: 2048 },
  extend: { min: 0, max: 2048 },
  overlap: { min: 0, max: 256 },
  /** Any coordinate of a picture. */
  coordinate: { min: 0, max: 65_535 },
  imageGuidance: { min: 0, max: 50 },
  /** Train steps; diffusers' `max_noise_level` of the published upscaler. */
  noiseLevel: { min: 0, max: 350 },
  /** A file that is sent in. */
  sourceBytes: 100 * 1024 * 1024,
  /** Width x height after decoding; 4 bytes each are held several times over while the result is pasted. */
  sourcePixels: 64 * 1024 * 1024,
} as const

/** diffusers' defaults. */
const IMAGE_GUIDANCE = 1.5
const NOISE_LEVEL = 20

/** Times the sides of a picture that a super-resolution model makes, where the request does not say a size. */
export const ENLARGE_BY = 2

/** SHA-256 of the file's bytes, which is also its name in the data folder. */
export function sourceId() {
  const allowed = 'the id of an imported picture (64 hexadecimal digits)'
  return z.string({ error: allowed }).regex(/^[0-9a-f]{64}$/, { error: allowed })
}

/** Pixels by which the picture is painted on beyond each of its sides. */
const extendSchema = z.strictObject({
  left: wholeNumber(EDIT_LIMITS.extend),
  top: wholeNumber(EDIT_LIMITS.extend),
  right: wholeNumber(EDIT_LIMITS.extend),
  bottom: wholeNumber(EDIT_LIMITS.extend),
})
export type Extend = z.infer<typeof extendSchema>

const ALLOWED_AREA = 'a box that is at least one pixel wide and high'
const areaSchema = z
  .strictObject({
    left: wholeNumber(EDIT_LIMITS.coordinate),
    top: wholeNumber(EDIT_LIMITS.coordinate),
    /** Exclusive, as is `bottom`. */
    right: wholeNumber(EDIT_LIMITS.coordinate),
    bottom: wholeNumber(EDIT_LIMITS.coordinate),
  })
  .refine(({ left, top, right, bottom }) => left < right && top < bottom, { error: ALLOWED_AREA })

const optionFields = {
  /** 1 keeps nothing of what is repainted but its surroundings. */
  strength: numberInRange(EDIT_LIMITS.strength),
  /** The area that is denoised: the mask grown, then feathered. */
  grow: wholeNumber(EDIT_LIMITS.grow),
  feather: wholeNumber(EDIT_LIMITS.feather),
  /** The area that is pasted back: the mask eroded, then faded in over so many pixels from its edge. */
  pasteErode: wholeNumber(EDIT_LIMITS.pasteErode),
  pasteBlur: wholeNumber(EDIT_LIMITS.pasteBlur),
  /**
   * Grey values of the mask are strengths: a pixel of half grey is left free for the last half of the steps (Levin and
   * Fried 2023, "Differential Diffusion", arXiv 2306.00950). Off, they mix the new picture with the old one.
   */
  maskAsStrength: yesOrNo(),
  /** Shifts what was rendered to the colours beside the seam before it is pasted. */
  matchColours: yesOrNo(),
  /** Renders only the mask's box with its padding, at the request's size, instead of the whole picture. */
  onlyMasked: yesOrNo(),
  padding: wholeNumber(EDIT_LIMITS.padding),
  fill: oneOf(FILLS),
  /** Outpainting: the new border is masked, whatever the mask says. */
  extend: extendSchema,
  /** So many pixels of the picture's own edge are repainted with the border, so that the seam fades over both. */
  overlap: wholeNumber(EDIT_LIMITS.overlap),
  /** The promise: what the mask does not touch stays as it is, byte for byte. Off, the paste may reach the grown area. */
  keepUnmasked: yesOrNo(),
  /** How much the picture counts for a model that edits by instruction (Brooks et al. 2023); others take no notice. */
  imageGuidance: numberInRange(EDIT_LIMITS.imageGuidance),
  /** How much noise a model that makes pictures larger is shown in the small one: more lets it invent more. */
  noiseLevel: wholeNumber(EDIT_LIMITS.noiseLevel),
}

const fields = {
  source: sourceId(),
  /** White is repainted, black is kept, grey in proportion; stretched to the source's size. null: the whole picture. */
  mask: sourceId().nullable(),
  /** Painted over the picture before anything else, as far as it is opaque: a sketch of what should be there. */
  strokes: sourceId().nullable(),
  /** The part that is rendered, in pixels of the picture as it is extended; null: the whole, or what `onlyMasked` finds. */
  area: areaSchema.nullable(),
  ...optionFields,
}

/** Requests that were stored before a field existed have its default. */
export const editSchema = z.strictObject({
  ...fields,
  maskAsStrength: fields.maskAsStrength.default(false),
  matchColours: fields.matchColours.default(false),
  strokes: fields.strokes.default(null),
  area: fields.area.default(null),
  overlap: fields.overlap.default(0),
  imageGuidance: fields.imageGuidance.default(IMAGE_GUIDANCE),
  noiseLevel: fields.noiseLevel.default(NOISE_LEVEL),
})
export type Edit = z.infer<typeof editSchema>

export const editInputSchema = z.strictObject({ ...z.object(fields).partial().shape, source: fields.source })
export type EditInput = z.infer<typeof editInputSchema>

/** How a picture is edited, without saying which one. */
export const editOptionsSchema = z.strictObject(z.object(optionFields).partial().shape)
export type EditOptions = Omit<Edit, 'source' | 'mask' | 'strokes' | 'area'>

export const EDIT_OPTION_DEFAULTS = {
  strength: 0.8,
  grow: 8,
  feather: 8,
  pasteErode: 0,
  pasteBlur: 4,
  maskAsStrength: false,
  matchColours: false,
  onlyMasked: false,
  padding: 32,
  fill: 'original',
  extend: { left: 0, top: 0, right: 0, bottom: 0 },
  overlap: 16,
  keepUnmasked: true,
  imageGuidance: IMAGE_GUIDANCE,
  noiseLevel: NOISE_LEVEL,
} as const satisfies EditOptions
export const EDIT_DEFAULTS = { mask: null, strokes: null, area: null, ...EDIT_OPTION_DEFAULTS } as const satisfies Omit<
  Edit,
  'source'
>

export function resolveEdit(input: EditInput): Edit {
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
  return { ...EDIT_DEFAULTS, ...given, source: input.source }
}

/** The media types that can be imported, found by the file's first bytes and never by its name. */
export const SOURCE_TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/tiff', 'image/avif'] as const
export type SourceType = (typeof SOURCE_TYPES)[number]

export interface ImportedSource {
  id: string
  type: SourceType
  sizeBytes: number
}

/** Base64 is a third longer than the bytes that it stands for. */
const BASE64_CHARS = Math.ceil(EDIT_LIMITS.sourceBytes / 3) * 4
const ALLOWED_BASE64 = `base64 of a picture file of at most ${EDIT_LIMITS.sourceBytes} bytes`

export const importSourceSchema = z.strictObject({
  base64: z
    .string({ error: ALLOWED_BASE64 })
    .min(1, { error: ALLOWED_BASE64 })
    .max(BASE64_CHARS, { error: ALLOWED_BASE64 }),
})
