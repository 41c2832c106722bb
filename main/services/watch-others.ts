/**
 * Notices when another process on the same data folder (a CLI run beside the app) has added or removed pictures or changed
 * a setting, and has the views query again. It asks SQLite whether anybody else has written, which costs microseconds, and only then looks.
 */
import type { Log } from '#contract/log'
import type { GalleryStore } from '#storage/gallery-store'
import type { Events } from './events.ts'
import type { SettingsService } from './settings.ts'

const LOOK_EVERY_MS = 1000

export interface WatchOptions {
  /** A number that changes when another process writes to the database. */
  versionOfOthers: () => number
  store: GalleryStore
  settings: Pick<SettingsService, 'reload'>
  events: Events
  log: Log
}

/** Returns what stops it. */
export function watchOthers({ versionOfOthers, store, settings, events, log }: WatchOptions): () => void {
  let version = versionOfOthers()
  let fingerprint = store.fingerprint()
  // What this process changes itself is told to the views by its own events.
  const unsubscribe = events.subscribe(event => {
    if (event.type === 'image-added' || event.type === 'images-removed') fingerprint = store.fingerprint()
  })

  function look(): void {
    try {
      const now = versionOfOthers()
      if (now === version) return
      version = now
      // Every process signs in and out in the database, so that a change of settings is never missed.
      settings
        .reload()
        .catch((thrown: unknown) => log.warn('The settings could not be read', { reason: String(thrown) }))
      const found = store.fingerprint()
      if (found === fingerprint) return // somebody's sign of life, or a job of theirs
      fingerprint = found
      events.emit({ type: 'reset' })
    } catch (thrown) {
      log.warn('The database could not be looked at', { reason: String(thrown) })
    }
  }

  const timer = setInterval(look, LOOK_EVERY_MS)
  timer.unref()
  return () => {
    clearInterval(timer)
    unsubscribe()
  }
}
