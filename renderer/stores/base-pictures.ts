/** What the names of a canvas's pictures stand for; the document holds names only, so that it stays plain data. */
import { z } from 'zod'
import { AppError } from '#contract/errors'
import { imageUrl } from './pictures.ts'

/** A picture of the gallery by its id, or a file from this computer. */
export type BasePicture = { kind: 'image'; id: string } | { kind: 'file'; file: File }

export const basePictureSchema = z.union([
  z.object({ kind: z.literal('image'), id: z.string() }),
  z.object({ kind: z.literal('file'), file: z.instanceof(File) }),
])

/** The file itself. */
export async function blobOf(base: BasePicture): Promise<Blob> {
  if (base.kind === 'file') return base.file
  const response = await fetch(imageUrl(base.id))
  if (!response.ok) throw new AppError('not-found', `The picture ${base.id} is no longer in the gallery.`)
  return response.blob()
}

export interface BasePictures {
  nameOf(base: BasePicture): string
  baseOf(name: string): BasePicture
}

export function createBasePictures(): BasePictures {
  const bases = new Map<string, BasePicture>()
  /** Two files may be called the same. */
  const files = new Map<File, string>()

  function nameOfFile(file: File): string {
    const name = files.get(file) ?? `file ${files.size + 1}`
    files.set(file, name)
    return name
  }
  return {
    nameOf(base) {
      const name = base.kind === 'image' ? base.id : nameOfFile(base.file)
      bases.set(name, base)
      return name
    },
    baseOf(name) {
      const base = bases.get(name)
      if (base === undefined) throw new Error(`The canvas does not know the picture ${name}.`)
      return base
    },
  }
}
