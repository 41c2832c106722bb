/** A job in a few words: waiting, step n of N and the time left, or how it ended. */
import { useI18n } from 'vue-i18n'
import type { JobSnapshot } from '#contract/jobs'
import { useDuration } from '../generate/use-duration.ts'

/** `brief` leaves out the time left, which then stands elsewhere. */
export function useJobStatus(brief = false): (job: JobSnapshot) => string {
  const { t } = useI18n()
  const duration = useDuration()

  function describeProgress({ progress, request }: JobSnapshot): string {
    if (progress === null) return t('queue.phase.starting')
    const { phase, image, step, steps, secondsLeft } = progress
    const where =
      phase !== 'denoising'
        ? t(`queue.phase.${phase}`)
        : request.images === 1
          ? t('stage.step', { step, steps })
          : t(brief ? 'queue.imageStep' : 'stage.imageStep', { image: image + 1, images: request.images, step, steps })
    return brief || secondsLeft === null ? where : `${where} · ${t('stage.left', { time: duration(secondsLeft) })}`
  }

  return job => {
    if (job.cancelling) return t('stage.stopping')
    switch (job.state) {
      case 'queued':
        return t('stage.queued')
      case 'running':
        return describeProgress(job)
      case 'cancelled':
        return t('errors.cancelled')
      case 'failed':
        return job.error === null ? '' : t(`errors.${job.error.code}`)
      case 'done':
        return t('queue.pictures', job.results.length)
    }
  }
}

/** 0 to 1 over all pictures of the job. */
export function jobFraction({ progress, request }: JobSnapshot): number {
  if (progress === null || progress.steps === 0) return 0
  return (progress.image + progress.step / progress.steps) / request.images
}
