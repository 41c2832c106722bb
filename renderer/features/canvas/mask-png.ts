/**
 * Masks and strokes to and from PNG files, by the browser's own codec: a mask as opaque grey, so that no byte is lost;
 * of strokes, whose colours the codec multiplies by their opacity, faint ones lose some.
 */
import type { GreyMask } from '#contract/mask/grey-mask'
import type { Strokes } from '../../canvas/document.ts'

export async function strokesToPng({ width, height, data }: Strokes): Promise<Blob> {
  const image = new ImageData(width, height)
  image.data.set(data)
  return toPng(image)
}

/** Of this size; the file must have it. */
export async function strokesFromFile(
  file: Blob,
  { width, height }: { width: number; height: number },
): Promise<Strokes> {
  const { data } = await drawFile(file, width, height)
  return { width, height, data: new Uint8Array(data.buffer) }
}

export async function maskToPng({ width, height, data }: GreyMask): Promise<Blob> {
  const image = new ImageData(width, height)
  new Uint32Array(image.data.buffer).set(Uint32Array.from(data, value => (0xff000000 | (value * 0x010101)) >>> 0))
  return toPng(image)
}

function toPng(image: ImageData): Promise<Blob> {
  const canvas = new OffscreenCanvas(image.width, image.height)
  contextOf(canvas).putImageData(image, 0, 0)
  return canvas.convertToBlob({ type: 'image/png' })
}

/** A picture as a mask of this size: how light it is, or how transparent where it has transparency. */
export async function maskFromFile(
  file: Blob,
  { width, height }: { width: number; height: number },
): Promise<GreyMask> {
  const { data } = await drawFile(file, width, height)
  const hasHoles = data.some((value, i) => i % 4 === 3 && value < 255)
  const mask = new Uint8Array(width * height)
  for (let pixel = 0, i = 0; pixel < mask.length; pixel++, i += 4) {
    const light = ((data[i] ?? 0) * 299 + (data[i + 1] ?? 0) * 587 + (data[i + 2] ?? 0) * 114) / 1000
    mask[pixel] = Math.round(hasHoles ? 255 - (data[i + 3] ?? 0) : light)
  }
  return { width, height, data: mask }
}

/** How transparent a picture is, as a mask; null where it is opaque all over. */
export async function maskFromAlpha(
  file: Blob,
  { width, height }: { width: number; height: number },
): Promise<GreyMask | null> {
  const { data } = await drawFile(file, width, height)
  const mask = Uint8Array.from({ length: width * height }, (_, pixel) => 255 - (data[pixel * 4 + 3] ?? 0))
  return mask.some(value => value > 0) ? { width, height, data: mask } : null
}

async function drawFile(file: Blob, width: number, height: number): Promise<ImageData> {
  const bitmap = await createImageBitmap(file)
  const context = contextOf(new OffscreenCanvas(width, height))
  context.imageSmoothingEnabled = false // no value that was not there
  context.drawImage(bitmap, 0, 0, width, height)
  bitmap.close()
  return context.getImageData(0, 0, width, height)
}

function contextOf(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D {
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (context === null) throw new Error('This browser gives no 2D canvas.')
  return context
}
