/** Rebuilds the gallery's index from the picture files, the bin's too: what is missing is added, what is there stays as it is. */
import { toErrorPayload } from '#contract/errors'
import type { Log } from '#contract/log'
import type { GalleryStore } from '#storage/gallery-store'
import { IMAGE_SUFFIX, type ImageFiles } from '#storage/image-files'
import { readPictureFile } from '#storage/picture-file'
import { identifier } from '#contract/fields'
import { parseImageId } from '#contract/image-id'
import { createNotice, type Notice } from '#contract/notices'

/** Returns how many pictures were added. Files that are not Easel's are left alone. `folder` null is the default one. */
export async function reindex(store: GalleryStore, files: ImageFiles, folder: string | null): Promise<number> {
  const kept = (await files.list(folder)).map(name => ({ name, path: files.pathOf(folder, name), isInBin: false }))
  const binned = (await files.listBin(folder)).map(name => ({
    name,
    path: files.pathInBin(folder, name),
    isInBin: true,
  }))
  let added = 0
  for (const { name: fileName, path, isInBin } of [...kept, ...binned]) {
    const id = fileName.slice(0, -IMAGE_SUFFIX.length)
    if (!identifier().safeParse(id).success || store.find(id) !== null) continue
    const picture = await readPictureFile(path)
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
        notices: picture.info.notices ?? [],
        favourite: false,
      },
      imageIndex: origin?.image ?? 0,
      folder,
    })
    if (isNew && isInBin) store.setDeleted(id, picture.writtenAt)
    if (isNew) added++
  }
  return added
}

export interface RebuildOptions {
  store: GalleryStore
  files: ImageFiles
  /** The folder of the settings, looked through besides the default one. */
  folder: string | null
  /** Where a damaged database was put; null when there was none. */
  damagedCopy: string | null
  log: Log
}

/** Returns what the user should know. A folder that cannot be read must not keep the application from opening. */
export async function rebuildIndex({ store, files, folder, damagedCopy, log }: RebuildOptions): Promise<Notice[]> {
  try {
    const inChosen = folder === null ? 0 : await reindex(store, files, folder)
    const pictures = inChosen + (await reindex(store, files, null))
    log.info('The gallery was indexed from its files', { pictures, damagedCopy })
    return damagedCopy === null ? [] : [createNotice('index-rebuilt', { copy: damagedCopy, pictures })]
  } catch (thrown) {
    const { message } = toErrorPayload(thrown)
    log.error('The gallery could not be indexed from its files', { reason: message, damagedCopy })
    return [createNotice('index-failed', { reason: message })]
  }
}
