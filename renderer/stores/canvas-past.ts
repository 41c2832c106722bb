/**
 * The steps of undo and redo over a reload: each is stored once, and again when it was undone or redone, because then it
 * holds something else. The newest are kept, within a bound; what comes back is checked before it may touch a document.
 */
import { z } from 'zod'
import { canvasStateSchema } from '#contract/canvas-document'
import type { Box } from '#contract/mask/grey-mask'
import { isSameBox, type Size } from '../canvas/box.ts'
import { limitFrame } from '../canvas/frame.ts'
import { bytesOfStep, type Past, type Step } from '../canvas/history.ts'
import { unpackedLength, type PackedTile } from '../canvas/pack-tile.ts'
import type { PackedSurface } from '../canvas/packed-surface.ts'
import { boxOfTile, countTiles } from '../canvas/tiles.ts'
import { basePictureSchema, type BasePicture } from './base-pictures.ts'

const MAX_BYTES = 48 * 1024 * 1024

/** Of a step that exchanged the picture, the one that it holds: its name means nothing to the next page. */
export interface StoredStep {
  step: Step
  base: BasePicture | null
}

export const pastOrderSchema = z.object({ done: z.array(z.int()), undone: z.array(z.int()) })
/** Ids of steps; the next to be undone, or done again, is the last. */
export type PastOrder = z.infer<typeof pastOrderSchema>

export interface TakenPast {
  order: PastOrder
  /** Those that are not stored as they are now. */
  steps: ReadonlyMap<number, StoredStep>
}

/** `stored`: what is there already. */
export function createPastSaver(baseOf: (name: string) => BasePicture, stored: Past) {
  let known = revisionsOf([...stored.done, ...stored.undone])
  return {
    take(past: Past): TakenPast {
      const kept = newestOf(past)
      const steps = new Map<number, StoredStep>()
      for (const step of [...kept.done, ...kept.undone]) {
        if (known.get(step.id) === step.revision) continue
        steps.set(step.id, { step, base: step.surface === null ? null : baseOf(step.surface.base) })
      }
      known = revisionsOf([...kept.done, ...kept.undone])
      return { order: { done: idsOf(kept.done), undone: idsOf(kept.undone) }, steps }
    },
  }
}

function newestOf({ done, undone }: Past): Past {
  let bytes = 0
  const newest = (steps: readonly Step[]): Step[] => {
    const from = steps.findLastIndex(step => (bytes += bytesOfStep(step)) > MAX_BYTES)
    return steps.slice(from + 1)
  }
  return { done: newest(done), undone: newest(undone) }
}

function revisionsOf(steps: readonly Step[]): Map<number, number> {
  return new Map(steps.map(({ id, revision }) => [id, revision]))
}

function idsOf(steps: readonly Step[]): number[] {
  return steps.map(({ id }) => id)
}

const tileSchema = z.union([z.int().min(0).max(255), z.object({ packed: z.instanceof(Uint8Array) })])
const tilesSchema = z.map(z.int().min(0), tileSchema)
const { width, height, frame } = canvasStateSchema.shape
const storedStepSchema = z.object({
  step: z.object({
    id: z.int(),
    revision: z.int(),
    tiles: z.object({ mask: tilesSchema, strokes: tilesSchema }),
    frame: frame.nullable(),
    surface: z
      .object({
        ...{ width, height, frame, base: z.string() },
        mask: z.array(tileSchema),
        strokes: z.array(tileSchema).nullable(),
      })
      .nullable(),
  }),
  base: basePictureSchema.nullable(),
})

/** From the newest back, as far as each fits the document that it would be undone in. */
export function recoverPast(
  { done, undone }: PastOrder,
  stored: ReadonlyMap<number, unknown>,
  size: Size,
  nameOf: (base: BasePicture) => string,
): Past {
  const recover = (ids: readonly number[]): Step[] => {
    const steps: Step[] = []
    let around = size
    for (const id of ids.toReversed()) {
      const step = readStep(stored.get(id), around, nameOf)
      if (step === null) break
      steps.unshift(step)
      around = step.surface ?? around
    }
    return steps
  }
  return { done: recover(done), undone: recover(undone) }
}

function readStep(raw: unknown, size: Size, nameOf: (base: BasePicture) => string): Step | null {
  const found = storedStepSchema.safeParse(raw).data
  if (found === undefined) return null
  const { step, base } = found
  const { surface, tiles } = step
  if (surface === null) {
    const isRight =
      [...tiles.mask].every(([tile, content]) => isTile(content, tile, size, 1)) &&
      [...tiles.strokes].every(([tile, content]) => isTile(content, tile, size, 4)) &&
      (step.frame === null || isFrame(step.frame, size))
    return isRight ? step : null
  }
  return base !== null && isSurface(surface) ? { ...step, surface: { ...surface, base: nameOf(base) } } : null
}

function isSurface({ width, height, mask, strokes, frame }: PackedSurface): boolean {
  const size = { width, height }
  const isPlane = (contents: readonly PackedTile[], depth: number): boolean =>
    contents.length === countTiles(size) && contents.every((content, tile) => isTile(content, tile, size, depth))
  return isPlane(mask, 1) && (strokes === null || isPlane(strokes, 4)) && isFrame(frame, size)
}

function isTile(content: PackedTile, tile: number, size: Size, depth: number): boolean {
  if (tile >= countTiles(size)) return false
  if (typeof content === 'number') return true
  const { left, top, right, bottom } = boxOfTile(tile, size)
  return unpackedLength(content.packed) === (right - left) * (bottom - top) * depth
}

function isFrame(frame: Box, size: Size): boolean {
  return isSameBox(limitFrame(frame, size), frame)
}
