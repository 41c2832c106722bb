/** The `If-None-Match` header (https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2). Pure. */

/** Whether the reader has this version already; `etag` is quoted. Weak tags count, as proxies that compress make them weak. */
export function isKnownTag(header: string | undefined, etag: string): boolean {
  const known = (header ?? '').split(',').map(tag => tag.trim().replace(/^W\//, ''))
  return known.includes(etag) || known.includes('*')
}
