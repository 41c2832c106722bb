/**
 * "Save as": whatever the page downloads asks where to, in the system's own window, beginning in the folder of pictures
 * and going on in the one that was used last. https://www.electronjs.org/docs/latest/api/download-item
 */
import { dirname, join } from 'node:path'
import type { Session } from 'electron'

/** `pictures` is the user's own folder for pictures, absolute. */
export function askWhereToSave(session: Pick<Session, 'on'>, pictures: string): void {
  let folder = pictures
  session.on('will-download', (_event, item) => {
    item.setSaveDialogOptions({ defaultPath: join(folder, item.getFilename()) })
    item.once('done', (_done, state) => {
      const saved = item.getSavePath()
      if (state === 'completed' && saved !== '') folder = dirname(saved)
    })
  })
}
