/**
 * Saves the canvas soon after every gesture, and gives it back when the page is opened again. Only what changed is
 * written. What was stored is checked before it becomes a document: another version may have written it.
 */
import { z } from 'zod'
import { canvasStateSchema, resultSchema } from '#contract/canvas-document'
import { emptyMask } from '#contract/mask/grey-mask'
import { noticeSchema } from '#contract/notices'
import { isSameBox, wholeBox } from '../canvas/box.ts'
import { emptyStrokes, type CanvasDocument } from '../canvas/document.ts'
import { trackDirtyTiles } from '../canvas/dirty-tiles.ts'
import type { Editor } from '../canvas/editor.ts'
import { limitFrame } from '../canvas/frame.ts'
import { bytesOfWholeTile, countTiles, writeTile, type TileContent } from '../canvas/tiles.ts'
import type { Viewport } from '../canvas/viewport.ts'
import type { Past } from '../canvas/history.ts'
import { basePictureSchema, type BasePicture } from './base-pictures.ts'
import type { Candidate } from './canvas-candidates.ts'
import { createPastSaver, pastOrderSchema, recoverPast, type PastOrder } from './canvas-past.ts'
import type { CanvasRecord, CanvasStorage, CanvasWrite } from './canvas-storage.ts'

const SETTLE_MS = 300
const NO_STEPS: Past = { done: [], undone: [] }

const NO_PAST: PastOrder = { done: [], undone: [] }
const recordSchema = canvasStateSchema.extend({ jobIds: z.array(z.string()), past: pastOrderSchema.catch(NO_PAST) })
const candidatesSchema = z.array(
  resultSchema.omit({ file: true }).extend({ picture: basePictureSchema, notices: z.array(noticeSchema) }),
)
type Described = z.infer<typeof recordSchema>

export interface Recovered {
  document: CanvasDocument
  past: Past
  view: Viewport | null
  jobIds: string[]
  /** Results of a file that was opened, whose jobs are not known here. */
  results: Candidate[]
}

export interface AutosaveOptions {
  storage: CanvasStorage
  editor: Editor
  baseOf(name: string): BasePicture
  /** What is remembered beside the document. */
  around(): Pick<Described, 'view' | 'jobIds'>
  /** Compared as a whole: they are exchanged, never changed. */
  results(): readonly Candidate[]
  /** Told once: the page goes on without it. */
  onFailure(): void
}

export interface Autosave {
  /** Now instead of soon. */
  flush(): void
  /** Something beside the document changed. */
  touch(): void
  /** Writes nothing any more; resolves when what was begun has ended. */
  stop(): Promise<void>
}

/** `isStored`: the document came from there, so that nothing of it has to be written. */
export function startAutosave(
  { storage, editor, baseOf, around, results, onFailure }: AutosaveOptions,
  isStored: boolean,
): Autosave {
  const { document } = editor
  const dirty = trackDirtyTiles(editor, ['mask', 'strokes'])
  const past = createPastSaver(baseOf, isStored ? editor.history.past : NO_STEPS)
  let writtenBase = isStored ? document.base : null
  let writtenResults = isStored ? results() : null
  let timer: ReturnType<typeof setTimeout> | undefined
  let writing = Promise.resolve()
  let hasFailed = false

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    const { width, height } = document.mask
    const { order, steps } = past.take(editor.history.past)
    const described: Described = { width, height, frame: document.frame, past: order, ...around() }
    const change: CanvasWrite = {
      document: described,
      base: writtenBase === document.base ? null : baseOf(document.base),
      results: writtenResults === results() ? null : results(),
      keptSteps: [...order.done, ...order.undone],
      steps,
      isOther: writtenBase === null,
      ...dirty.take(),
    }
    writtenBase = document.base
    writtenResults = results()
    writing = writing
      .then(() => storage.write(change))
      .catch(() => {
        if (!hasFailed) onFailure()
        hasFailed = true
      })
  }

  function touch(): void {
    clearTimeout(timer)
    timer = setTimeout(flush, SETTLE_MS)
  }

  const stop = editor.onChange(({ kind }) => {
    if (kind === 'history') touch()
  })
  if (!isStored) {
    dirty.markAll()
    touch()
  }

  return {
    flush() {
      if (timer !== undefined) flush()
    },
    touch,
    stop() {
      clearTimeout(timer)
      stop()
      dirty.stop()
      return writing
    },
  }
}

/** Null when there was none, or nothing that can be understood. */
export function recoverCanvas(record: CanvasRecord | null, nameOf: (base: BasePicture) => string): Recovered | null {
  const described = recordSchema.safeParse(record?.document).data
  const base = basePictureSchema.safeParse(record?.base).data
  if (record === null || described === undefined || base === undefined) return null
  const { width, height, view, jobIds } = described
  const mask = emptyMask(width, height)
  fill(mask, record.tiles.mask)
  const strokes = record.tiles.strokes.size === 0 ? null : emptyStrokes(mask)
  if (strokes !== null) fill(strokes, record.tiles.strokes)
  const isFrameRight = isSameBox(limitFrame(described.frame, mask), described.frame)
  const frame = isFrameRight ? described.frame : wholeBox(mask)
  return {
    document: { base: nameOf(base), mask, strokes, frame },
    past: recoverPast(described.past, record.steps, mask, nameOf),
    view,
    jobIds,
    results: candidatesSchema.safeParse(record.results).data ?? [],
  }
}

function fill(
  plane: { width: number; height: number; data: Uint8Array },
  tiles: ReadonlyMap<number, TileContent>,
): void {
  for (const [tile, content] of tiles) {
    const isNumber = typeof content === 'number'
    const isRight = isNumber || (content instanceof Uint8Array && content.length === bytesOfWholeTile(plane, tile))
    if (tile < countTiles(plane) && isRight) writeTile(plane, tile, content)
  }
}
