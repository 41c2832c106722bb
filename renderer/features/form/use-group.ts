/** Whether a group of the form is open, remembered on this machine. */
import { computed, type WritableComputedRef } from 'vue'
import { useLayout } from '../../stores/layout.ts'

export function useGroup(name: string): WritableComputedRef<boolean> {
  const layout = useLayout()
  return computed({
    get: () => layout.openGroups[name] ?? false,
    set: open => (layout.openGroups[name] = open),
  })
}
