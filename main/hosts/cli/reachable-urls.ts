/** The addresses at which a server can be opened, on this machine and on others. Pure. */
import type { networkInterfaces } from 'node:os'

/** Listening on one of them is listening on every address of the machine; none of them can be opened on another device. */
const EVERYWHERE = ['0.0.0.0', '[::]']

/** This machine's own name first. Anything but an address that means all of them stays as it is. */
export function reachableUrls(url: string, interfaces: ReturnType<typeof networkInterfaces>): [string, ...string[]] {
  const everywhere = EVERYWHERE.find(address => url.startsWith(`http://${address}:`))
  if (everywhere === undefined) return [url]
  const addresses = Object.values(interfaces)
    .flatMap(found => found ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address)
  return [url.replace(everywhere, 'localhost'), ...addresses.map(address => url.replace(everywhere, address))]
}
