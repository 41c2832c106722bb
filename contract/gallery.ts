/** The gallery: finished pictures. The image files are the truth; a record is what can be read back from a file. */
import { z } from 'zod'
import { identifier, wholeNumber } from './fields.ts'
import { generationRequestSchema } from './generation.ts'

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
  favourite: z.boolean(),
})
export type ImageRecord = z.infer<typeof imageRecordSchema>

export const GALLERY_PAGE = { min: 1, max: 500, default: 100 } as const

export const galleryQuerySchema = z.strictObject({
  limit: wholeNumber(GALLERY_PAGE).default(GALLERY_PAGE.default),
  /** `nextCursor` of the page before; absent for the newest pictures. */
  cursor: z.string().optional(),
})
export type GalleryQuery = z.input<typeof galleryQuerySchema>

export interface GalleryPage {
  /** Newest first. */
  images: ImageRecord[]
  nextCursor: string | null
  total: number
}

export const imageIdSchema = z.strictObject({ id: identifier() })
export const imageIdsSchema = z.strictObject({ ids: z.array(identifier()).min(1).max(10_000) })
export const favouriteSchema = z.strictObject({ id: identifier(), favourite: z.boolean() })
