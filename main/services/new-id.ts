/** Ids of jobs and pictures. They sort by time, can be read by a person, and name the picture's file. */
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

/** Image i of a job; two digits keep a batch of up to 100 in order. */
export function imageIdOf(jobId: string, image: number): string {
  return `${jobId}-${String(image).padStart(2, '0')}`
}

/** The way back from a picture's id, or null when the id was not made by `imageIdOf`. */
export function parseImageId(id: string): { jobId: string; image: number } | null {
  const match = /^(\d{8}-\d{6}-[0-9a-z]{6})-(\d{2})$/.exec(id)
  if (match === null) return null
  const [, jobId = '', image = ''] = match
  return { jobId, image: Number(image) }
}
