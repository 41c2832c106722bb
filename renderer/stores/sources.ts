/**
 * Pictures that requests start from: sent to the host once, named by their content from then on. A small copy of each
 * stays on this machine, so that the form can still show which one it is after a reload.
 */
import { useLocalStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { toBase64 } from '../ui/to-base64.ts'
import { useClient } from './client.ts'
import { imageUrl } from './pictures.ts'

/** A copy takes about 4 kB. */
const KEPT = 24
/** Longer side in pixels: twice what is shown. */
const COPY_SIDE = 96

export const useSources = defineStore('sources', () => {
  const client = useClient()
  const copies = useLocalStorage<Record<string, string>>('easel.source-copies', {}, { shallow: true })

  /** Returns the id. Throws an AppError for what is no picture. */
  async function importFile(file: Blob): Promise<string> {
    const { id } = await client.call('sources.import', { base64: await toBase64(file) })
    await keepCopy(id, file)
    return id
  }

  /** A picture of the gallery by its id there. */
  async function importImage(imageId: string): Promise<string> {
    const { id } = await client.call('sources.fromImage', { id: imageId })
    await keepCopy(id, await (await fetch(imageUrl(imageId))).blob())
    return id
  }

  async function keepCopy(id: string, picture: Blob): Promise<void> {
    const others = Object.entries(copies.value).filter(([known]) => known !== id)
    const copy = await shrink(picture)
    if (copy !== null) copies.value = Object.fromEntries([...others.slice(1 - KEPT), [id, copy]])
  }

  return { copies, importFile, importImage }
})

/** A data URL; null for a picture that this browser cannot show, although the host may read it (TIFF). */
async function shrink(picture: Blob): Promise<string | null> {
  const bitmap = await createImageBitmap(picture).catch(() => null)
  if (bitmap === null) return null
  const scale = Math.min(1, COPY_SIDE / Math.max(bitmap.width, bitmap.height))
  const canvas = new OffscreenCanvas(
    Math.max(1, Math.round(bitmap.width * scale)),
    Math.max(1, Math.round(bitmap.height * scale)),
  )
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  bitmap.close()
  const type = 'image/jpeg'
  return `data:${type};base64,${await toBase64(await canvas.convertToBlob({ type, quality: 0.8 }))}`
}
