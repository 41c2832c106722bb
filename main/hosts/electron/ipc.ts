/** Calls from the page into `dispatch`, events from the application to the page. Only the window's own top frame is heard. */
import type { IpcMain, IpcMainInvokeEvent, WebContents } from 'electron'
import type { AppEvent, Reply } from '#contract/api'
import { CALL_CHANNEL, EVENT_CHANNEL } from '#contract/bridge'
import { dispatch, type Dispatchable } from '../dispatch.ts'
import { isOwnUrl } from './lock-down.ts'

export interface IpcOptions {
  ipcMain: Pick<IpcMain, 'handle' | 'removeHandler'>
  app: Dispatchable & { events: { subscribe(listener: (event: AppEvent) => void): () => void } }
  /** The window's contents while there is a window. */
  findContents: () => Pick<WebContents, 'mainFrame' | 'send' | 'isDestroyed'> | null
}

/** Returns what disconnects them. */
export function connectIpc({ ipcMain, app, findContents }: IpcOptions): () => void {
  function isOwnFrame({ senderFrame }: IpcMainInvokeEvent): boolean {
    const own = findContents()
    return own !== null && senderFrame !== null && senderFrame === own.mainFrame && isOwnUrl(senderFrame.url)
  }

  ipcMain.handle(CALL_CHANNEL, async (event, method: unknown, argument: unknown): Promise<Reply> => {
    if (!isOwnFrame(event)) return refuse('This frame may not call Easel.')
    if (typeof method !== 'string') return refuse('The name of a method is text.')
    return dispatch(app, method, argument)
  })
  const stopEvents = app.events.subscribe(event => {
    const contents = findContents()
    if (contents !== null && !contents.isDestroyed()) contents.send(EVENT_CHANNEL, event)
  })
  return () => {
    ipcMain.removeHandler(CALL_CHANNEL)
    stopEvents()
  }
}

function refuse(message: string): Reply {
  return { ok: false, error: { code: 'invalid-input', message } }
}
