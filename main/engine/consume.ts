/** Drains a run of the pipeline: its events go to the engine's listener and the previews, its result comes back. */
import type { PipelineEvent } from '#pipeline/pipeline'
import type { LatentPreview } from '#pipeline/model-files'
import type { GenerateOptions } from './engine.ts'
import type { PreviewSender } from './preview-sender.ts'

export type Run<T> = AsyncGenerator<PipelineEvent, T, void>

/** Runs one pass; `preview` is its model's map, `later` the steps that passes after it are expected to take. */
export type Consume = <T>(run: Run<T>, about: { preview: LatentPreview | null; later: number }) => Promise<T>

export interface ConsumeOptions extends Pick<GenerateOptions, 'onEvent'> {
  image: number
  previews: PreviewSender
  now: () => number
}

/** Counts the steps of all passes of one image. */
export function createConsumer({ image, previews, now, onEvent }: ConsumeOptions): Consume {
  let step = 0
  return async (run, { preview, later }) => {
    let dims: readonly number[] = []
    let steps = 0
    let stepStartedAt = now()
    for (;;) {
      const next = await run.next()
      if (next.done === true) return next.value
      const event = next.value
      switch (event.type) {
        case 'prepared':
          dims = event.latents.dims
          steps = step + event.calls + later
          onEvent({ type: 'phase', image, phase: 'denoising' })
          break
        case 'step':
          step++
          onEvent({ type: 'step', image, step, steps, stepMs: now() - stepStartedAt })
          if (preview && step < steps)
            previews.offer({ image, step }, { dims, data: event.denoised ?? event.latents }, preview)
          break
        case 'notice':
          onEvent({ type: 'notice', text: event.text })
          break
        case 'decoding':
          onEvent({ type: 'phase', image, phase: 'decoding' })
      }
      stepStartedAt = now()
    }
  }
}
