/** Sends previews of a job's images, at most five a second. Making one takes less than a millisecond between two steps. */
import type { Preview } from '#contract/jobs'
import { encodePreview } from '#imaging/encode-preview'
import type { Size } from '#pipeline/latents'
import { previewLatents } from '#pipeline/preview'
import type { LatentPreview } from '#pipeline/model-files'
import type { FloatTensor } from '#pipeline/tensor'

const MIN_INTERVAL_MS = 200

export interface PreviewSenderOptions {
  jobId: string
  /** Of the rendered picture. */
  size: Size
  now: () => number
  send: (preview: Preview) => void
}

export interface PreviewSender {
  /** Does nothing where the last one is too short ago. */
  offer(at: { image: number; step: number }, latents: FloatTensor, map: LatentPreview): void
}

export function createPreviewSender({ jobId, size, now, send }: PreviewSenderOptions): PreviewSender {
  let lastAt = now() // the first steps show noise only

  return {
    offer(at, latents, map) {
      const time = now()
      if (time - lastAt < MIN_INTERVAL_MS) return
      lastAt = time
      const rgb = previewLatents(map, latents)
      if (rgb === null) return
      const bytes = encodePreview(rgb, size)
      send({ jobId, ...at, mediaType: 'image/jpeg', base64: Buffer.from(bytes).toString('base64') })
    },
  }
}
