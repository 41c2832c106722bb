/**
 * Decides whether a request may be answered at all. Pure. A page of another site must not reach Easel through the
 * user's browser: neither by a name that it points at 127.0.0.1 (DNS rebinding, so Host is checked) nor from its own
 * origin (so Origin and Sec-Fetch-Site are). Beyond loopback, a token is asked for instead of a known Host.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { InputIssue } from '#contract/errors'

export interface GuardedRequest {
  host: string | undefined
  origin: string | undefined
  /** Sec-Fetch-Site and Sec-Fetch-Mode, which pages cannot forge. */
  fetchSite: string | undefined
  fetchMode: string | undefined
  authorization: string | undefined
  cookie: string | undefined
}

export interface GuardPolicy {
  /** Null: whoever reaches the address may use it. */
  token: string | null
  /** Host names that are answered without a token. */
  isLoopbackOnly: boolean
}

export interface Refusal {
  status: 401 | 403 | 421
  issue: InputIssue
}

export const TOKEN_COOKIE = 'easel-token'
const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Null when the request may pass. */
export function findRefusal(request: GuardedRequest, policy: GuardPolicy): Refusal | null {
  const host = request.host ?? ''
  if (policy.isLoopbackOnly && !isLoopbackAddress(hostName(host))) {
    return refuse(421, 'Host', host, 'localhost, 127.0.0.1 or [::1]')
  }
  if (request.origin !== undefined && !isOwnOrigin(request.origin, host)) {
    return refuse(403, 'Origin', request.origin, `the page's own address, http://${host}`)
  }
  if (request.fetchSite === 'cross-site' && request.fetchMode !== 'navigate') {
    return refuse(403, 'Sec-Fetch-Site', request.fetchSite, 'requests of the page itself')
  }
  if (policy.token !== null && !carriesToken(request, policy.token)) {
    const allowed = 'the header "Authorization: Bearer <token>", or one visit of /?token=<token>'
    return refuse(401, 'Authorization', 'missing or wrong', allowed)
  }
  return null
}

export function isTokenEqual(given: string, token: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest() // equal lengths for timingSafeEqual
  return timingSafeEqual(hash(given), hash(token))
}

/** Whether an address, or the name of one in a request, can be reached from this machine only. */
export function isLoopbackAddress(address: string): boolean {
  return LOOPBACK_NAMES.has(address) || address === '::1' || /^127(\.\d{1,3}){3}$/.test(address)
}

function refuse(status: Refusal['status'], path: string, value: string, allowed: string): Refusal {
  return { status, issue: { path, value: JSON.stringify(value.slice(0, 100)), allowed } }
}

/** "localhost:5000" -> "localhost"; IPv6 keeps its brackets. */
function hostName(host: string): string {
  return host.replace(/:\d{1,5}$/, '').toLowerCase()
}

function isOwnOrigin(origin: string, host: string): boolean {
  return origin === `http://${host}` || origin === `https://${host}`
}

function carriesToken(request: GuardedRequest, token: string): boolean {
  const bearer = /^Bearer +(\S+)$/i.exec(request.authorization ?? '')?.[1]
  if (bearer !== undefined) return isTokenEqual(bearer, token)
  const cookie = (request.cookie ?? '')
    .split(';')
    .map(pair => pair.trim().split('='))
    .find(([name]) => name === TOKEN_COOKIE)?.[1]
  return cookie !== undefined && isTokenEqual(decodeOrEmpty(cookie), token)
}

function decodeOrEmpty(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
