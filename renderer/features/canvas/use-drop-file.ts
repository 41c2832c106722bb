/** A file that is dropped on the canvas, or chosen for it: a picture, or a saved edit. */
import { SOURCE_TYPES } from '#contract/edit'
import { EASEL_FILE } from '../../canvas/file/easel-file.ts'
import { useEaselFile } from './use-easel-file.ts'
import { useOpenPicture } from './use-open-picture.ts'

export const OPENABLE = [...SOURCE_TYPES, EASEL_FILE.extension].join()

export function useDropFile() {
  const { openFile } = useOpenPicture()
  const { openEdit } = useEaselFile()

  function open(file: File): Promise<void> {
    return file.name.toLowerCase().endsWith(EASEL_FILE.extension) ? openEdit(file) : openFile(file)
  }

  function drop(event: DragEvent): void {
    const file = event.dataTransfer?.files[0]
    if (file !== undefined) void open(file)
  }

  return { open, drop }
}
