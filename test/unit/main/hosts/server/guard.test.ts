import { expect, test } from 'vitest'
import { findRefusal, isLoopbackAddress, isTokenEqual, type GuardedRequest } from '#hosts/server/guard'

const plain: GuardedRequest = {
  host: 'localhost:4747',
  origin: undefined,
  fetchSite: undefined,
  fetchMode: undefined,
  authorization: undefined,
  cookie: undefined,
}
const loopback = { token: null, isLoopbackOnly: true }

function statusOf(part: Partial<GuardedRequest>, policy: Parameters<typeof findRefusal>[1] = loopback) {
  return findRefusal({ ...plain, ...part }, policy)?.status ?? 200
}

test.each(['localhost', 'LOCALHOST:1', '127.0.0.1:4747', '127.0.0.2:4747', '[::1]:4747', '[::1]'])(
  '%s is this machine',
  host => {
    expect(statusOf({ host })).toBe(200)
  },
)

test.each([
  undefined,
  '',
  'evil.example',
  '127.0.0.1.evil.example',
  'localhost:1:2',
  'localhost@evil.example',
  '0.0.0.0',
])('the host %s is not answered', host => {
  expect(statusOf({ host })).toBe(421)
})

test('only the own origin may call, with exactly the same port', () => {
  expect(statusOf({ origin: 'http://localhost:4747' })).toBe(200)
  for (const origin of [
    'http://localhost',
    'http://127.0.0.1:4747',
    'null',
    '',
    'http://localhost:4747.evil.example',
  ]) {
    expect(statusOf({ origin })).toBe(403)
  }
})

test('a link from another site may open the page, but nothing of another site may load from here', () => {
  expect(statusOf({ fetchSite: 'cross-site', fetchMode: 'navigate' })).toBe(200)
  expect(statusOf({ fetchSite: 'cross-site', fetchMode: 'no-cors' })).toBe(403)
})

test('a token is taken from the header or the cookie, and a wrong header is not saved by a right cookie', () => {
  const policy = { token: 's3cret token', isLoopbackOnly: false }
  const cookie = `a=b; easel-token=${encodeURIComponent('s3cret token')}; c=d`
  expect(statusOf({ host: 'nas.local' }, policy)).toBe(401)
  expect(statusOf({ host: 'nas.local', cookie }, policy)).toBe(200)
  expect(statusOf({ host: 'nas.local', cookie: 'easel-token=%zz' }, policy)).toBe(401)
  expect(statusOf({ cookie, authorization: 'Bearer nonsense' }, policy)).toBe(401)
  expect(statusOf({ authorization: 'Bearer abc' }, { ...policy, token: 'abc' })).toBe(200)
})

test('tokens of different length are different', () => {
  expect(isTokenEqual('a', 'ab')).toBe(false)
  expect(isTokenEqual('ab', 'ab')).toBe(true)
})

test.each([
  ['127.0.0.1', true],
  ['127.8.8.8', true],
  ['::1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['192.168.0.5', false],
  ['127.example.com', false],
])('%s is loopback: %s', (address, expected) => {
  expect(isLoopbackAddress(address)).toBe(expected)
})
