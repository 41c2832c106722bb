/** Brings a field of the form into sight and puts the focus into it; what hides it (simple mode, a folded group) is opened. */
import { nextTick } from 'vue'
import { useLayout } from '../../stores/layout.ts'

const CONTROL = 'input, select, textarea'

/** Fields inside groups, by the first part of their path. */
const GROUP_OF: Readonly<Record<string, string>> = {
  negativePrompt: 'negative',
  scheduler: 'sampler',
  sigmaSchedule: 'sampler',
  originalSteps: 'sampler',
  guidanceRescale: 'sampler',
  clipSkip: 'sampler',
  noiseSource: 'sampler',
  variationSeed: 'variation',
  variationStrength: 'variation',
  edit: 'start',
  hires: 'hires',
  refiner: 'refiner',
  controls: 'controls',
}

export function useFocusField(): (path: string) => Promise<void> {
  const layout = useLayout()

  async function reveal(first: string): Promise<void> {
    if (layout.isNarrow && first !== 'prompt') layout.isSheetOpen = true
    if (first !== 'prompt') layout.formMode = 'everything'
    const group = GROUP_OF[first]
    if (group !== undefined) layout.openGroups[group] = true
    await nextTick()
    await nextTick() // a group that was folded draws its inside one turn later
  }

  return async path => {
    const [first = path] = path.split('.')
    if (findControl(path) === null) await reveal(first)
    const control = findControl(path) ?? findControl(first)
    control?.scrollIntoView({ block: 'nearest' })
    control?.focus()
  }
}

function findControl(path: string): HTMLElement | null {
  const row = document.querySelector<HTMLElement>(`[data-field="${CSS.escape(path)}"]`)
  return row?.matches(CONTROL) === true ? row : (row?.querySelector<HTMLElement>(CONTROL) ?? null)
}
