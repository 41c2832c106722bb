/** The id of a picture says which job made it and which of the job's images it is. */

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
