/**
 * The canvas of this page: which picture lies on it, how it is edited, and the results that are looked at. It outlives
 * the view, so that the mask and its history are there again after a look into the gallery.
 */
import { defineStore } from 'pinia'
import { computed } from 'vue'
import { sizeOf } from '#contract/mask/edit-region'
import { borderMask } from '#contract/mask/extend-mask'
import { clipBox, type Size } from '../canvas/box.ts'
import { createDocument, type CanvasDocument } from '../canvas/document.ts'
import { createEditor } from '../canvas/editor.ts'
import { grownBox, isExtended } from '../canvas/frame.ts'
import { paintPolygon, rectangleCorners } from '../canvas/paint.ts'
import type { Viewport } from '../canvas/viewport.ts'
import { createBasePictures, type BasePicture } from './base-pictures.ts'
import { createCandidates } from './canvas-candidates.ts'
import { createDesk } from './canvas-desk.ts'
import { createCanvasOptions } from './canvas-options.ts'
import { useCanvasStorage } from './canvas-storage.ts'
import { useJobs } from './jobs.ts'
import { useWindowMemory } from './window-memory.ts'

export const useCanvas = defineStore('canvas', () => {
  const bases = createBasePictures()
  const candidates = createCandidates(useJobs())
  const { adopt, ...desk } = createDesk(useCanvasStorage(), bases, candidates)

  /** The shown result by its name: of a job that goes on, the result itself is told again and again. */
  const currentName = computed(() => {
    const { current } = candidates
    return current.value === null ? null : bases.nameOf(current.value.picture)
  })

  function open(base: BasePicture, size: Size): void {
    openDocument(createDocument(bases.nameOf(base), size))
  }

  function openDocument(document: CanvasDocument, view: Viewport | null = null): void {
    const next = createEditor(document)
    if (desk.editor.value !== null) next.set(desk.editor.value.settings) // the hand keeps its brush
    adopt(next, view)
  }

  /**
   * Makes the shown result the picture; undoing brings the former one and all that lay on it back. What of a larger
   * picture was not rendered is masked: it only repeats its surroundings.
   */
  function keep(): void {
    const { current } = candidates
    const editor = desk.editor.value
    if (current.value === null || editor === null) return
    const { picture, place } = current.value
    const next = createDocument(bases.nameOf(picture), sizeOf(grownBox(editor.document.mask, place.extend)))
    if (isExtended(place.extend) && place.area !== null) {
      next.mask = borderMask(editor.document.mask, place.extend)
      const { left, top, right, bottom } = clipBox(place.area, next.mask) ?? place.area
      paintPolygon(next.mask, rectangleCorners({ x: left, y: top }, { x: right, y: bottom }), 'subtract')
    }
    editor.replace(next)
  }

  return {
    ...desk,
    ...createCanvasOptions(useWindowMemory()),
    ...candidates,
    currentName,
    open,
    openDocument,
    nameOf: bases.nameOf,
    baseOf: bases.baseOf,
    keep,
  }
})
