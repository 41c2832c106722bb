/** Opens everything that is durable in a data folder: the database and its stores, the pictures, what is remembered of models. */
import { join } from 'node:path'
import { createCheckpointFiles } from '#storage/checkpoint-files'
import { openDatabase } from '#storage/database'
import { createGalleryStore } from '#storage/gallery-store'
import { createImageFiles } from '#storage/image-files'
import { createJobStore } from '#storage/job-store'
import { makeFolder } from '#storage/make-folder'
import { createMeasurementStore } from '#storage/measurement-store'
import { createProcessStore } from '#storage/process-store'
import { createSourceFiles } from '#storage/source-files'
import { createSourceUse } from '#storage/source-use'
import { createThumbnailFiles } from '#storage/thumbnail-files'
import { toStorageError } from '#storage/storage-error'

export type Storage = Awaited<ReturnType<typeof openStorage>>

/** `dataFolder` is absolute, and made when it is missing. */
export async function openStorage(dataFolder: string, now: () => number) {
  const wildcardsFolder = join(dataFolder, 'wildcards')
  const lorasFolder = join(dataFolder, 'loras')
  try {
    await makeFolder(dataFolder)
    await makeFolder(wildcardsFolder) // empty, so that the user finds where the lists belong
    await makeFolder(lorasFolder)
  } catch (thrown) {
    throw toStorageError(thrown, 'make its data folder', dataFolder)
  }
  const { database, isNew, damagedCopy } = openDatabase(join(dataFolder, 'easel.db'), now)
  return {
    /** The tables are new: whatever pictures exist are not indexed yet. */
    isNew,
    /** Where a damaged database was put; null when there was none. */
    damagedCopy,
    jobs: createJobStore(database),
    images: createGalleryStore(database),
    processes: createProcessStore(database),
    measurements: createMeasurementStore(database),
    files: createImageFiles(join(dataFolder, 'images')),
    thumbnails: createThumbnailFiles(join(dataFolder, 'thumbnails')),
    checkpoints: createCheckpointFiles(join(dataFolder, 'checkpoints')),
    sourceFiles: createSourceFiles(join(dataFolder, 'sources'), now),
    sourceUse: createSourceUse(database),
    wildcardsFolder,
    lorasFolder,
    hashesFile: join(dataFolder, 'file-hashes.json'),
    stylesFile: join(dataFolder, 'styles.csv'),
    presetsFile: join(dataFolder, 'presets.json'),
    settingsFile: join(dataFolder, 'settings.json'),
    versionOfOthers: () => database.versionOfOthers(),
    close: () => database.close(),
  }
}
