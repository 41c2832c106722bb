/** Runs the action whose keys were pressed. Single keys are left to whoever types and to open dialogs. */
import { useEventListener } from '@vueuse/core'
import type { ComputedRef } from 'vue'
import { isTyping, matchesKeys } from './keys.ts'
import { useReport } from '../shell/use-report.ts'
import type { Action, ActionGroup } from './use-actions.ts'

export function useShortcuts(actions: ComputedRef<readonly Action[]>): void {
  const report = useReport()
  useEventListener(window, 'keydown', (event: KeyboardEvent) => {
    if (event.isComposing) return
    const action = actions.value.find(
      ({ keys, isAvailable }) => keys !== undefined && matchesKeys(event, keys) && isAvailable?.() !== false,
    )
    if (action?.keys === undefined || !mayRun(action.keys, action.group, event.target)) return
    // A control that used the key keeps it; combinations are ours even where a control swallows Enter.
    if (event.defaultPrevented && !action.keys.startsWith('mod+')) return
    event.preventDefault()
    void report(action.run)
  })
}

/** A dialog may leave the keys of one group to the page: a picture that is looked at large is still the picture. */
function mayRun(keys: string, group: ActionGroup, target: EventTarget | null): boolean {
  const isOpenDialog =
    document.querySelector(`[role="dialog"]:not([data-takes-shortcuts="${group}"]), [role="menu"]`) !== null
  if (keys === 'mod+enter') return !isOpenDialog
  if (keys === 'mod+k') return true
  if (isOpenDialog || (isTyping(target) && !keys.startsWith('mod+'))) return false
  // Ctrl+Z in a text undoes typing; arrows on a control that has its own use for them stay there.
  if (keys === 'mod+z') return !isTyping(target)
  const takesArrows = '[role="slider"], [role="radio"], [role="tab"], [role="separator"]'
  return !(
    (keys === 'left' || keys === 'right') &&
    target instanceof HTMLElement &&
    target.closest(takesArrows) !== null
  )
}
