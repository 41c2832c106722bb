/** What the user should know of a job: told once a job, and kept for every image that it holds for. */
import { createNoticeList, type Notice } from '#contract/notices'
import type { GenerateOptions } from './engine.ts'

export interface Notices {
  tell(notice: Notice): void
  /** What the loaded model has to say as it is now. */
  tellStanding(): void
  /** What was told since the last call, also where the job had heard it before. */
  take(): Notice[]
}

/** `standing`: what holds as long as the model is open. */
export function createNotices(onEvent: GenerateOptions['onEvent'], standing: () => readonly Notice[]): Notices {
  const [told, taken] = [createNoticeList(), createNoticeList()]
  function tell(notice: Notice): void {
    taken.add(notice)
    if (told.add(notice)) onEvent({ type: 'notice', notice })
  }
  return {
    tell,
    tellStanding: () => standing().forEach(tell),
    take() {
      const notices = taken.all()
      taken.clear()
      return notices
    },
  }
}
