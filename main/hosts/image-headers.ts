/** What every host says of a picture that it sends. */

/** A picture of an id never changes. */
export const IMAGE_CACHING = 'private, max-age=31536000, immutable'
/** The picture stands in for a thumbnail that is still to be made. */
const STAND_IN_CACHING = 'no-store'

/** Easel writes PNG, and thumbnails as WebP. */
export function imageType(path: string): string {
  return path.endsWith('.webp') ? 'image/webp' : 'image/png'
}

export function thumbnailCaching({ isFinal }: { isFinal: boolean }): string {
  return isFinal ? IMAGE_CACHING : STAND_IN_CACHING
}
