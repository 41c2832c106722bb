/** What an edit file says in words: its `document.json`. The pictures that it names lie beside it, as files. */
import { z } from 'zod'
import { editOptionsSchema, editSchema } from './edit.ts'
import { generationRequestSchema } from './generation.ts'

/** How the mask is shown over the picture. */
export const MASK_LOOKS = ['tint', 'outline', 'grey'] as const
export type MaskLook = (typeof MASK_LOOKS)[number]

/** How far a canvas zooms, in screen pixels a picture pixel. */
export const ZOOM = { min: 0.02, max: 32 } as const

export const CANVAS_FILE_LIMITS = { version: 1, results: 64, side: 65_535 } as const

const coordinate = z.int().min(-CANVAS_FILE_LIMITS.side).max(CANVAS_FILE_LIMITS.side)
const side = z.int().min(1).max(CANVAS_FILE_LIMITS.side)

/** What a canvas is, but for its pixels. */
export const canvasStateSchema = z.strictObject({
  width: side,
  height: side,
  /** In pixels of the picture; right and bottom are exclusive. */
  frame: z.strictObject({ left: coordinate, top: coordinate, right: coordinate, bottom: coordinate }),
  view: z.strictObject({ scale: z.number().min(ZOOM.min).max(ZOOM.max), x: z.number(), y: z.number() }).nullable(),
})
export type CanvasState = z.infer<typeof canvasStateSchema>

/** A result that lies on a canvas: its picture, where that lies, and what made it. */
export const resultSchema = z.strictObject({
  file: z.string(),
  place: z.strictObject({ extend: editSchema.shape.extend, area: editSchema.shape.area.unwrap() }),
  request: generationRequestSchema,
})

export const canvasDocumentSchema = z.strictObject({
  format: z.literal('easel-edit'),
  version: z.literal(CANVAS_FILE_LIMITS.version),
  ...canvasStateSchema.shape,
  base: z.string(),
  hasStrokes: z.boolean(),
  maskLook: z.enum(MASK_LOOKS),
  options: editOptionsSchema,
  results: z.array(resultSchema).max(CANVAS_FILE_LIMITS.results),
})
export type CanvasFileDocument = z.infer<typeof canvasDocumentSchema>
