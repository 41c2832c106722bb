/** Notices as the English user reads them, and ones that say any text. */
import { createNotice, sayNotice, type Notice } from '#contract/notices'

export function said(notices: readonly Notice[]): string[] {
  return notices.map(notice => sayNotice(notice))
}

export function aNotice(text: string): Notice {
  return createNotice('other', { text })
}
