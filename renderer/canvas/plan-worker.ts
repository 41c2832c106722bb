/** Plans in a thread of its own: on a large picture it takes longer than a frame, and a stroke must not wait for it. */
import { createMaskMirror, type MaskUpdate } from './dirty-tiles.ts'
import { planChange, type ChangeInput, type ChangePlan } from './plan-change.ts'

export interface PlanQuestion {
  id: number
  /** A mask of 4096x4096 sent whole at every stroke filled 400 MB in a hundred strokes: its changes are sent. */
  mask: MaskUpdate
  input: Omit<ChangeInput, 'mask'>
}

export interface PlanAnswer {
  id: number
  plan: ChangePlan | null
}

const mirror = createMaskMirror()

self.onmessage = ({ data: { id, mask, input } }: MessageEvent<PlanQuestion>) => {
  const answer: PlanAnswer = { id, plan: planChange({ ...input, mask: mirror(mask) }) }
  self.postMessage(answer)
}
