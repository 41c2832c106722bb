/**
 * Sends previews of a job's images, at most five a second and never two at once. Encoding runs beside the steps:
 * a preview that comes too late, because the image is finished, is dropped.
 */
import type { Preview } from '#contract/jobs'
import { encodePreview } from '#imaging/sharp-codec'
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
  offer(at: { image: number; step: number }, latents: FloatTensor, map: LatentPreview): void
  /** Of this image nothing is sent any more. */
  finish(image: number): void
}

export function createPreviewSender({ jobId, size, now, send }: PreviewSenderOptions): PreviewSender {
  let lastAt = now() // the first steps show noise only
  let isBusy = false
  let finished = -1

  async function encode(at: { image: number; step: number }, latents: FloatTensor, map: LatentPreview): Promise<void> {
    const rgb = previewLatents(map, latents)
    if (rgb === null) return
    const bytes = await encodePreview(rgb, size)
    if (at.image <= finished) return
    send({ jobId, ...at, mediaType: 'image/jpeg', base64: Buffer.from(bytes).toString('base64') })
  }

  return {
    finish: image => void (finished = image),
    offer(at, latents, map) {
      const time = now()
      if (isBusy || time - lastAt < MIN_INTERVAL_MS) return
      lastAt = time
      isBusy = true
      encode(at, latents, map)
        .catch(() => undefined) // a preview is a courtesy: the picture must not fail for it
        .finally(() => (isBusy = false))
    },
  }
}
