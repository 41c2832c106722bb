/** The names under which the page's bridge and Electron's main process meet: two channels, one origin. */

/** page -> main: (method, argument), answered with a Reply. */
export const CALL_CHANNEL = 'easel:call'
/** main -> page: an AppEvent. */
export const EVENT_CHANNEL = 'easel:event'

/** The page's own protocol; a standard scheme, so `easel://app` is an origin like any other. */
export const PAGE_SCHEME = 'easel'
export const PAGE_ORIGIN = 'easel://app'
