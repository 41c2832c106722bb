/** Ids of jobs. They sort by time and can be read by a person; those of pictures (contract/image-id.ts) begin with them. */
import { randomBytes } from 'node:crypto'

/** "20261123-134601-k3f9x2": local date and time, then enough chance for several processes in one second. */
export function newJobId(now: number): string {
  const d = new Date(now)
  const two = (n: number) => String(n).padStart(2, '0')
  const date = `${d.getFullYear()}${two(d.getMonth() + 1)}${two(d.getDate())}`
  const time = `${two(d.getHours())}${two(d.getMinutes())}${two(d.getSeconds())}`
  const chance = randomBytes(4).readUInt32BE(0).toString(36).padStart(7, '0').slice(-6)
  return `${date}-${time}-${chance}`
}
