/** Plans in a thread of its own: on a large picture it takes longer than a frame, and a stroke must not wait for it. */
import type { Edit } from '#contract/edit'
import type { SizeLimits } from '#contract/mask/edit-region'
import type { GreyMask } from '#contract/mask/grey-mask'
import type { Size } from './box.ts'
import { planChange, type ChangePlan } from './plan-change.ts'

export interface PlanQuestion {
  id: number
  mask: GreyMask
  options: Omit<Edit, 'source' | 'mask'>
  target: Size
  limits: SizeLimits
}

export interface PlanAnswer {
  id: number
  plan: ChangePlan | null
}

self.onmessage = ({ data }: MessageEvent<PlanQuestion>) => {
  const { id, mask, options, target, limits } = data
  const answer: PlanAnswer = { id, plan: planChange(mask, options, target, limits) }
  self.postMessage(answer)
}
