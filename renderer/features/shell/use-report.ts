/** Does what was asked for and tells it when it did not work; for actions that have no field to mark. */
import { useNotices } from '../../stores/notices.ts'
import { useFailureText } from './use-failure-text.ts'

/** Resolves to whether it worked; throws what `useFailureText` has no words for. */
export function useReport(): (work: () => unknown) => Promise<boolean> {
  const notices = useNotices()
  const failureText = useFailureText()

  return async work => {
    try {
      await work()
      return true
    } catch (thrown) {
      notices.show({ text: failureText(thrown), tone: 'danger' })
      return false
    }
  }
}
