/**
 * What the page may never do, whatever script gets into it: leave its origin, open windows, embed others, ask for the
 * camera. https://www.electronjs.org/docs/latest/tutorial/security
 */
import type { Session, WebContents } from 'electron'
import { PAGE_ORIGIN } from '#contract/bridge'

/** Copying a prompt to the clipboard; everything else is refused without asking. */
const ALLOWED_PERMISSIONS: ReadonlySet<string> = new Set(['clipboard-sanitized-write'])

export function isOwnUrl(url: string | undefined): boolean {
  const parsed = URL.parse(url ?? '')
  return parsed !== null && `${parsed.protocol}//${parsed.host}` === PAGE_ORIGIN
}

export function lockDownContents(contents: Pick<WebContents, 'on' | 'setWindowOpenHandler'>): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  contents.on('will-navigate', event => {
    if (!isOwnUrl(event.url)) event.preventDefault()
  })
  contents.on('will-frame-navigate', event => {
    if (!event.isMainFrame || !isOwnUrl(event.url)) event.preventDefault()
  })
  contents.on('will-redirect', event => event.preventDefault())
  contents.on('will-attach-webview', event => event.preventDefault())
}

export function lockDownSession(
  session: Pick<Session, 'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler'>,
): void {
  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    answer(isAllowed(permission, details.requestingUrl))
  })
  session.setPermissionCheckHandler((_contents, permission, origin) => isAllowed(permission, origin))
  session.setDevicePermissionHandler(() => false)
}

function isAllowed(permission: string, url: string): boolean {
  return ALLOWED_PERMISSIONS.has(permission) && isOwnUrl(url)
}
