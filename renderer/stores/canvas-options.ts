/** How edits are made and looked at on the canvas; remembered for this window. */
import { ref } from 'vue'
import { z } from 'zod'
import { MASK_LOOKS, type MaskLook } from '#contract/canvas-document'
import { EDIT_OPTION_DEFAULTS, editOptionsSchema, type EditOptions } from '#contract/edit'
import { persist } from './persist.ts'
import type { WindowMemory } from './window-memory.ts'

/** By how many pixels the mask is grown, shrunk and softened. */
export const EDGE = { min: 1, max: 256, default: 8 } as const
const RECENT_COLOURS = 8

const memorySchema = z.object({
  options: editOptionsSchema.catch({}),
  maskLook: z.enum(MASK_LOOKS).catch('tint'),
  isChangeShown: z.boolean().catch(false),
  edge: z.int().min(EDGE.min).max(EDGE.max).catch(EDGE.default),
  colours: z.array(z.string().regex(/^#[0-9a-f]{6}$/)).catch([]),
})

export function createCanvasOptions(memory: WindowMemory) {
  const kept = memorySchema.safeParse(memory.read('canvas')).data
  /** Not `extend`: how far the picture grows is a matter of the frame. */
  const options = ref<Omit<EditOptions, 'extend'>>(withoutExtend({ ...EDIT_OPTION_DEFAULTS, ...kept?.options }))
  const maskLook = ref<MaskLook>(kept?.maskLook ?? 'tint')
  const isChangeShown = ref(kept?.isChangeShown ?? false)
  const edge = ref(kept?.edge ?? EDGE.default)
  /** Newest first, as "#rrggbb". */
  const colours = ref(kept?.colours ?? [])
  persist(memory, 'canvas', () => ({
    options: options.value,
    maskLook: maskLook.value,
    isChangeShown: isChangeShown.value,
    edge: edge.value,
    colours: colours.value,
  }))

  function nextMaskLook(): void {
    maskLook.value = MASK_LOOKS[(MASK_LOOKS.indexOf(maskLook.value) + 1) % MASK_LOOKS.length] ?? 'tint'
  }

  function rememberColour(hex: string): void {
    colours.value = [hex, ...colours.value.filter(other => other !== hex)].slice(0, RECENT_COLOURS)
  }

  return { options, maskLook, isChangeShown, edge, colours, nextMaskLook, rememberColour }
}

function withoutExtend({ extend: _extend, ...options }: EditOptions): Omit<EditOptions, 'extend'> {
  return options
}
