/** Reads the pictures that an edit names. They lie in the data folder under the hash of their bytes. */
import { join } from 'node:path'
import { access } from 'node:fs/promises'
import { EDIT_LIMITS, type Edit, type Extend } from '#contract/edit'
import { AppError } from '#contract/errors'
import { invalidInput } from '#contract/parse'
import { extendMask } from '#contract/mask/extend-mask'
import { createNotice, type Notice } from '#contract/notices'
import type { GreyMask } from '#contract/mask/grey-mask'
import { extendImage } from '#imaging/extend'
import { layOver } from '#imaging/lay-over'
import { flatten, resizeMask } from '#imaging/paste-back'
import { toGrey } from '#imaging/pixel-image'
import { decodeSource, type SourcePicture } from '#imaging/sharp-codec'

export interface EditSources {
  picture: SourcePicture
  /** Of the picture's size; null when the whole picture is to change. Without a mask an area changes whole, and of an extended picture its border. */
  painted: GreyMask | null
  notices: Notice[]
}

/** Throws `invalid-input` for a file that is no picture, or a mask in which nothing is painted. */
export async function readSources(edit: Edit, folder: string): Promise<EditSources> {
  const sources = await readFiles(edit, folder)
  return isExtended(edit.extend) ? extendSources(sources, edit) : sources
}

function isExtended(extend: Extend): boolean {
  return Object.values(extend).some(pixels => pixels > 0)
}

function extendSources(
  { picture, painted, notices }: EditSources,
  { extend, overlap }: Pick<Edit, 'extend' | 'overlap'>,
): EditSources {
  const width = picture.width + extend.left + extend.right
  const height = picture.height + extend.top + extend.bottom
  if (width * height > EDIT_LIMITS.sourcePixels) {
    const allowed = `less, so that width x height is at most ${EDIT_LIMITS.sourcePixels}`
    throw invalidInput([{ path: 'edit.extend', value: `${width}x${height} in all`, allowed }])
  }
  const { data } = extendImage(picture, extend)
  return {
    picture: { ...picture, width, height, data },
    painted: extendMask(picture, painted, extend, overlap),
    notices,
  }
}

async function readFiles(edit: Edit, folder: string): Promise<EditSources> {
  const source = await readPicture(folder, edit.source, 'The picture')
  const picture = edit.strokes === null ? source : await paintOver(source, folder, edit.strokes)
  const { width, height } = picture
  if (edit.mask === null) {
    const isOnlyBorder = isExtended(edit.extend)
    const isWhole = edit.area === null && !isOnlyBorder
    const painted = isWhole
      ? null
      : { width, height, data: new Uint8Array(width * height).fill(isOnlyBorder ? 0 : 255) }
    return { picture, painted, notices: picture.notices }
  }
  const mask = await readPicture(folder, edit.mask, 'The mask')
  const painted = resizeMask(toGreyMask(mask), width, height)
  if (painted.data.every(value => value === 0)) {
    throw new AppError('invalid-input', 'The mask is empty: paint white what is to change.')
  }
  const isStretched = mask.width !== width || mask.height !== height
  const sizes = { mask: `${mask.width}x${mask.height}`, picture: `${width}x${height}` }
  const stretched = isStretched ? [createNotice('mask-stretched', sizes)] : []
  return { picture, painted, notices: [...picture.notices, ...mask.notices, ...stretched] }
}

/** What was not painted over keeps its bytes, and the picture its profile. */
async function paintOver(picture: SourcePicture, folder: string, id: string): Promise<SourcePicture> {
  const strokes = await readPicture(folder, id, 'The sketch')
  if (strokes.width !== picture.width || strokes.height !== picture.height) {
    const value = `${strokes.width}x${strokes.height}`
    throw invalidInput([{ path: 'edit.strokes', value, allowed: `${picture.width}x${picture.height}, as the picture` }])
  }
  return { ...picture, data: layOver(picture, strokes).data }
}

function toGreyMask({ width, height, channels, data }: SourcePicture): GreyMask {
  return { width, height, data: toGrey(flatten({ width, height, channels, data }, 0)).data } // transparent is not painted
}

/** `name` begins the sentences: "The picture". */
export async function readPicture(folder: string, id: string, name: string): Promise<SourcePicture> {
  return decodeSource(await findFile(folder, id, name), name)
}

async function findFile(folder: string, id: string, name: string): Promise<string> {
  const file = join(folder, id)
  try {
    await access(file)
    return file
  } catch (cause) {
    throw new AppError('not-found', `${name} (${id.slice(0, 12)}…) is no longer in ${folder}.`, {
      cause,
    })
  }
}
