/** Headers under which the page runs, the same in the browser and in Electron: it loads nothing that is not Easel's own. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  // `data:` and `blob:` are previews and the canvas; there is no 'unsafe-inline' and no 'unsafe-eval' anywhere.
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}
