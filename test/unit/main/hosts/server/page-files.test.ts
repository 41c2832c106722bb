import { expect, test } from 'vitest'
import { chooseEncoding } from '#hosts/server/page-files'

test.each([
  [undefined, 'identity'],
  ['', 'identity'],
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip;q=1.0, br;q=0', 'gzip'],
  ['br;q=0.000, gzip;q=0', 'identity'],
  ['br;q=0.5', 'br'],
])('of %s the best is %s', (header, expected) => {
  expect(chooseEncoding(header)).toBe(expected)
})
