import { expect, test } from 'vitest'
import { reachableUrls } from '#hosts/cli/reachable-urls'

const address = (family: 'IPv4' | 'IPv6', text: string, internal = false) => {
  const common = { address: text, netmask: '', mac: '', internal, cidr: null }
  return family === 'IPv4' ? { ...common, family } : { ...common, family, scopeid: 0 }
}
const interfaces = {
  lo: [address('IPv4', '127.0.0.1', true)],
  wlan0: [address('IPv4', '192.168.1.7'), address('IPv6', 'fe80::1')],
  gone: undefined,
}

test.each(['http://0.0.0.0:4747', 'http://[::]:4747'])('%s is told by addresses that other devices can open', url => {
  expect(reachableUrls(url, interfaces)).toEqual(['http://localhost:4747', 'http://192.168.1.7:4747'])
})

test.each(['http://127.0.0.1:4747', 'http://[::1]:80', 'http://192.168.1.7:4747'])('%s stays as it is', url => {
  expect(reachableUrls(url, interfaces)).toEqual([url])
})
