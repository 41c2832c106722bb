/** Drains a run of the pipeline: its events go to the engine's listener and the previews, its result comes back. */
import type { Checkpoint } from '#pipeline/checkpoint'
import type { PipelineEvent } from '#pipeline/pipeline'
import type { LatentPreview } from '#pipeline/model-files'
import type { CostMeter } from './cost-meter.ts'
import type { GenerateOptions } from './engine.ts'
import type { Notices } from './notices.ts'
import type { PreviewSender } from './preview-sender.ts'

export type Run<T> = AsyncGenerator<PipelineEvent, T, void>

export interface AboutPass {
  /** Its model's map. */
  preview: LatentPreview | null
  /** Pixels a latent side. */
  factor: number
  /** Steps that passes after it are expected to take. */
  later: number
  /** Hears where the run stands after every step. */
  keep: (checkpoint: () => Checkpoint) => void
}

export type Consume = <T>(run: Run<T>, about: AboutPass) => Promise<T>

export interface ConsumeOptions extends Pick<GenerateOptions, 'onEvent'> {
  image: number
  previews: PreviewSender
  notices: Notices
  cost: CostMeter
  now: () => number
}

/** Counts the steps of all passes of one image. */
export function createConsumer({ image, previews, notices, cost, now, onEvent }: ConsumeOptions): Consume {
  let step = 0
  return async (run, { preview, factor, later, keep }) => {
    let dims: readonly number[] = []
    let steps = 0
    let stepStartedAt = now()
    const tellStep = (stepMs: number): void => {
      cost.call(stepMs)
      onEvent({ type: 'step', image, step, steps, stepMs })
    }
    for (;;) {
      const next = await run.next()
      notices.tellStanding()
      if (next.done === true) return next.value
      const event = next.value
      switch (event.type) {
        case 'prepared':
          dims = event.latents.dims
          steps = step + event.calls + later
          step += event.done
          cost.beginPass({ height: dims[2] * factor, width: dims[3] * factor })
          onEvent({ type: 'phase', image, phase: 'denoising' })
          break
        case 'step':
          step++
          tellStep(now() - stepStartedAt)
          keep(event.checkpoint)
          if (preview && step < steps)
            previews.offer({ image, step }, { dims, data: event.denoised ?? event.latents }, preview)
          break
        case 'notice':
          notices.tell(event.notice)
          break
        case 'decoding':
          onEvent({ type: 'phase', image, phase: 'decoding' })
      }
      stepStartedAt = now()
    }
  }
}
