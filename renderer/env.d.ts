import type { Bridge } from '#contract/api'

declare global {
  interface Window {
    /** Electron's preload script puts it here; absent in a browser. */
    readonly api?: Bridge
  }
}
