/**
 * Sends previews of the image in work, at most five a second and never two at once. Encoding runs beside the steps:
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
  image: number
  /** Of the rendered picture. */
  size: Size
  now: () => number
  send: (preview: Preview) => void
}

export interface PreviewSender {
  offer(step: number, latents: FloatTensor, map: LatentPreview): void
  /** Nothing is sent any more. */
  close(): void
}

export function createPreviewSender({ jobId, image, size, now, send }: PreviewSenderOptions): PreviewSender {
  let lastAt = -Infinity
  let isBusy = false
  let isClosed = false

  async function encode(step: number, latents: FloatTensor, map: LatentPreview): Promise<void> {
    const rgb = previewLatents(map, latents)
    if (rgb === null) return
    const bytes = await encodePreview(rgb, size)
    if (isClosed) return
    send({ jobId, image, step, mediaType: 'image/jpeg', base64: Buffer.from(bytes).toString('base64') })
  }

  return {
    close: () => void (isClosed = true),
    offer(step, latents, map) {
      const time = now()
      if (isBusy || isClosed || time - lastAt < MIN_INTERVAL_MS) return
      lastAt = time
      isBusy = true
      encode(step, latents, map)
        .catch(() => undefined) // a preview is a courtesy: the picture must not fail for it
        .finally(() => (isBusy = false))
    },
  }
}
