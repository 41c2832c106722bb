/** Turns the picture from upright to lying and back. */
import { useDraft } from '../../stores/draft.ts'

export function useSwapSize(): () => void {
  const draft = useDraft()
  return () => {
    const { width, height } = draft.values
    draft.set('width', height)
    draft.set('height', width)
  }
}
