/** Rebuilds the gallery's index from the picture files: what is missing is added, what is there stays as it is. */
import type { GalleryStore } from '#storage/gallery-store'
import { IMAGE_SUFFIX, type ImageFiles } from '#storage/image-files'
import { readPictureFile } from '#storage/picture-file'
import { identifier } from '#contract/fields'
import { parseImageId } from './new-id.ts'

/** Returns how many pictures were added. Files that are not Easel's are left alone. `folder` null is the default one. */
export async function reindex(store: GalleryStore, files: ImageFiles, folder: string | null): Promise<number> {
  let added = 0
  for (const fileName of await files.list(folder)) {
    const id = fileName.slice(0, -IMAGE_SUFFIX.length)
    if (!identifier().safeParse(id).success || store.find(id) !== null) continue
    const picture = await readPictureFile(files.pathOf(folder, fileName))
    if (picture === null) continue
    const origin = parseImageId(id)
    const isNew = store.insert({
      record: {
        id,
        jobId: origin?.jobId ?? null,
        createdAt: picture.writtenAt,
        fileName,
        width: picture.width,
        height: picture.height,
        sizeBytes: picture.sizeBytes,
        request: picture.info.request,
        durationMs: null,
        favourite: false,
      },
      imageIndex: origin?.image ?? 0,
      folder,
    })
    if (isNew) added++
  }
  return added
}
