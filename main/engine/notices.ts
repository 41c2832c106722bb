/** What the user should know of a job: told once a job, and kept for every image that it holds for. */
import type { GenerateOptions } from './engine.ts'

export interface Notices {
  tell(text: string): void
  /** What the loaded model has to say as it is now. */
  tellStanding(): void
  /** What was told since the last call, also where the job had heard it before. */
  take(): string[]
}

/** `standing`: what holds as long as the model is open. */
export function createNotices(onEvent: GenerateOptions['onEvent'], standing: () => readonly string[]): Notices {
  const told = new Set<string>()
  const taken = new Set<string>()
  function tell(text: string): void {
    taken.add(text)
    if (told.has(text)) return
    told.add(text)
    onEvent({ type: 'notice', text })
  }
  return {
    tell,
    tellStanding: () => standing().forEach(tell),
    take() {
      const texts = [...taken]
      taken.clear()
      return texts
    },
  }
}
