/**
 * What the page sees of Electron: `window.api` and nothing else. It runs in the sandbox and decides nothing; the list of
 * methods is the contract's, and the main process checks sender, method and argument again.
 */
import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron'
import type { AppEvent, Bridge, Reply } from '#contract/api'
import { CALL_CHANNEL, EVENT_CHANNEL } from '#contract/bridge'
import { isMethodName } from '#contract/methods'

const api: Bridge = {
  async call(method, argument): Promise<Reply> {
    if (!isMethodName(method)) {
      return { ok: false, error: { code: 'not-found', message: `There is no method "${String(method)}".` } }
    }
    return (await ipcRenderer.invoke(CALL_CHANNEL, method, argument)) as Reply // dispatch answers with nothing else
  },
  on(listener) {
    const handler = (_event: IpcRendererEvent, event: AppEvent) => listener(event)
    ipcRenderer.on(EVENT_CHANNEL, handler)
    return () => void ipcRenderer.off(EVENT_CHANNEL, handler)
  },
}

contextBridge.exposeInMainWorld('api', api)
