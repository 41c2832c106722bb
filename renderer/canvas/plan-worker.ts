/** Plans in a thread of its own: on a large picture it takes longer than a frame, and a stroke must not wait for it. */
import { planChange, type ChangeInput, type ChangePlan } from './plan-change.ts'

export interface PlanQuestion {
  id: number
  input: ChangeInput
}

export interface PlanAnswer {
  id: number
  plan: ChangePlan | null
}

self.onmessage = ({ data: { id, input } }: MessageEvent<PlanQuestion>) => {
  const answer: PlanAnswer = { id, plan: planChange(input) }
  self.postMessage(answer)
}
