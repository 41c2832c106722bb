/** Masks to and from PNG files, by the browser's own codec: grey as white is masked, opaque, so that no byte is lost. */
import type { GreyMask } from '#contract/mask/grey-mask'

export async function maskToPng({ width, height, data }: GreyMask): Promise<Blob> {
  const image = new ImageData(width, height)
  new Uint32Array(image.data.buffer).set(Uint32Array.from(data, value => (0xff000000 | (value * 0x010101)) >>> 0))
  const canvas = new OffscreenCanvas(width, height)
  contextOf(canvas).putImageData(image, 0, 0)
  return canvas.convertToBlob({ type: 'image/png' })
}

/** A picture as a mask of this size: how light it is, or how transparent where it has transparency. */
export async function maskFromFile(
  file: Blob,
  { width, height }: { width: number; height: number },
): Promise<GreyMask> {
  const bitmap = await createImageBitmap(file)
  const canvas = new OffscreenCanvas(width, height)
  const context = contextOf(canvas)
  context.imageSmoothingEnabled = false // no value that was not there
  context.drawImage(bitmap, 0, 0, width, height)
  bitmap.close()
  const { data } = context.getImageData(0, 0, width, height)
  const hasHoles = data.some((value, i) => i % 4 === 3 && value < 255)
  const mask = new Uint8Array(width * height)
  for (let pixel = 0, i = 0; pixel < mask.length; pixel++, i += 4) {
    const light = ((data[i] ?? 0) * 299 + (data[i + 1] ?? 0) * 587 + (data[i + 2] ?? 0) * 114) / 1000
    mask[pixel] = Math.round(hasHoles ? 255 - (data[i + 3] ?? 0) : light)
  }
  return { width, height, data: mask }
}

export function toBase64(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''))
    reader.onerror = () => reject(reader.error ?? new Error('The picture could not be read.'))
    reader.readAsDataURL(blob)
  })
}

function contextOf(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D {
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (context === null) throw new Error('This browser gives no 2D canvas.')
  return context
}
