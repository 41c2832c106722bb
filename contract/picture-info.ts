/**
 * What a picture file says about itself: JSON in the PNG text chunk named PICTURE_INFO_KEY. It is what the gallery's
 * index is rebuilt from and what "reproduce" runs again; nothing in it depends on the clock, so equal requests give equal bytes.
 */
import { z } from 'zod'
import { generationRequestSchema } from './generation.ts'
import { noticeSchema } from './notices.ts'
import { PROVIDERS } from './providers.ts'

export const PICTURE_INFO_KEY = 'easel'

/** A picture is written under its name with this behind it, then renamed; one that stays is what a killed engine left. */
export const PART_SUFFIX = '.part'

function sha256() {
  return z.string().regex(/^[0-9a-f]{64}$/)
}

/** A file that had a part in a picture, by its name and its content. */
export const usedFileSchema = z.object({ name: z.string(), hash: sha256() })
export type UsedFile = z.infer<typeof usedFileSchema>

export const pictureInfoSchema = z.object({
  /** Version of Easel that made it. */
  appVersion: z.string(),
  /** Of this one image: `images` is 1 and the seed is its own. */
  request: generationRequestSchema,
  /** SHA-256 over the model's files that decide the pixels; absent in pictures of the first version. */
  modelHash: sha256().optional(),
  /** The same over the files of the autoencoder that `request.vae` names. */
  vaeHash: sha256().optional(),
  /** The same over the files of the model that `request.refiner` names. */
  refinerHash: sha256().optional(),
  /** Of the files of `request.loras`. */
  loras: z.array(usedFileSchema).optional(),
  /** Files of textual inversion whose words stand in one of the two prompts. */
  embeddings: z.array(usedFileSchema).optional(),
  /** What computed it; absent for the processor. */
  provider: z.enum(PROVIDERS).optional(),
  /** What the user should know of how it was made: what was given up for want of memory, what was cropped; absent: nothing. */
  notices: z.array(noticeSchema).optional(),
})
export type PictureInfo = z.infer<typeof pictureInfoSchema>
