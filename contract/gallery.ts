/** The gallery: finished pictures. The image files are the truth; a record is what can be read back from a file. */
import { z } from 'zod'
import { identifier, listOf, oneOf, text, wholeNumber, yesOrNo } from './fields.ts'
import { generationRequestSchema, SCHEDULERS } from './generation.ts'
import { noticeSchema } from './notices.ts'

export const imageRecordSchema = z.object({
  id: identifier(),
  jobId: identifier().nullable(),
  /** Milliseconds since 1970. */
  createdAt: z.number(),
  /** Inside the images folder, with forward slashes. */
  fileName: z.string(),
  width: z.int(),
  height: z.int(),
  sizeBytes: z.int(),
  /** Of this one image: `images` is 1 and the seed is its own. */
  request: generationRequestSchema,
  /** From request to file, in milliseconds; null where only the file is known (the index was rebuilt). */
  durationMs: z.number().nullable(),
  /** What the user should know of how it was made. */
  notices: z.array(noticeSchema),
  favourite: z.boolean(),
})
export type ImageRecord = z.infer<typeof imageRecordSchema>

/** Shorter side of a thumbnail, in pixels: twice a cell of the gallery, for dense screens. Smaller pictures are their own. */
export const THUMBNAIL_SIDE = 400

export const GALLERY_PAGE = { min: 1, max: 500, default: 100 } as const

/** Milliseconds since 1970, up to the year 9999. */
const INSTANT = { min: 0, max: 253_402_300_799_999 } as const
const SEARCH_CHARS = 200
const MOST_PICTURES = 100_000_000

/** Which pictures; every field that is there narrows it. */
const filterFields = {
  /** Words, each of which the prompt has somewhere, whatever their case. */
  search: text({ maxChars: SEARCH_CHARS }).optional(),
  favourite: z.literal(true, { error: 'true, or nothing' }).optional(),
  model: identifier().optional(),
  scheduler: oneOf(SCHEDULERS).optional(),
  /** Made at this time or later. */
  since: wholeNumber(INSTANT).optional(),
  /** Those in the bin instead of those in the gallery. */
  bin: z.literal(true, { error: 'true, or nothing' }).optional(),
}
export type GalleryFilter = z.infer<z.ZodObject<typeof filterFields>>

export const galleryQuerySchema = z.strictObject({
  limit: wholeNumber(GALLERY_PAGE).default(GALLERY_PAGE.default),
  /** `nextCursor` of the page before; absent for the newest pictures. */
  cursor: z.string().optional(),
  /** So many pictures further on, for a view that jumps. */
  offset: wholeNumber({ min: 0, max: MOST_PICTURES }).optional(),
  ...filterFields,
})
export type GalleryQuery = z.input<typeof galleryQuerySchema>

export interface GalleryPage {
  /** Newest first. */
  images: ImageRecord[]
  nextCursor: string | null
  /** Of all that fit the query. */
  total: number
}

export const imageIdSchema = z.strictObject({ id: identifier() })
const IDS = { min: 1, max: 10_000 } as const
export const imageIdsSchema = z.strictObject({ ids: listOf(identifier(), IDS, 'ids of pictures') })
/** Where a picture's file lies, and whether the host has opened its folder. */
export interface ShownFile {
  path: string
  isShown: boolean
}

export const favouriteSchema = z.strictObject({ id: identifier(), favourite: yesOrNo() })
