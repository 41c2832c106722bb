/** Drops the loaded model when no job has run for the minutes that the settings say. */
import type { Engine } from '#engine/engine'
import type { Log } from '#contract/log'

export interface IdleUnload {
  onIdle(isIdle: boolean): void
  dispose(): void
}

export function createIdleUnload(engine: Pick<Engine, 'unload'>, idleMinutes: () => number, log: Log): IdleUnload {
  let timer: NodeJS.Timeout | undefined
  function unload(): void {
    log.info('The model is dropped after an idle time')
    engine.unload().catch((thrown: unknown) => log.warn('The model could not be dropped', { reason: String(thrown) }))
  }
  return {
    onIdle(isIdle) {
      clearTimeout(timer)
      if (isIdle && idleMinutes() > 0) timer = setTimeout(unload, idleMinutes() * 60_000).unref()
    },
    dispose: () => clearTimeout(timer),
  }
}
