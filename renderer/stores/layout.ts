/** Which view is open and how the panels stand; the sizes are remembered on this machine, for every window. */
import { useLocalStorage, useMediaQuery, useEventListener } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'

export const VIEWS = ['studio', 'gallery', 'canvas', 'settings'] as const
export type View = (typeof VIEWS)[number]

export const PANEL_WIDTH = { min: 280, max: 480, default: 340 } as const
export const COLUMN_WIDTH = { min: 240, max: 420, default: 300 } as const
export const FORM_MODES = ['simple', 'everything'] as const
type FormMode = (typeof FORM_MODES)[number]
const FORM_MODE_KEY = 'easel.form-mode'
const NARROW = '(max-width: 899px)'
/** Below this the right column would leave too little for the picture, so it floats over the stage. */
const CRAMPED = '(max-width: 1199px)'

export const useLayout = defineStore('layout', () => {
  const view = ref<View>(readView())
  watch(view, next => (location.hash = next === 'studio' ? '' : next))
  useEventListener(globalThis.window, 'hashchange', () => (view.value = readView()))

  const isNarrow = useMediaQuery(NARROW)
  const isCramped = useMediaQuery(CRAMPED)
  const panelWidth = useLocalStorage<number>('easel.panel-width', PANEL_WIDTH.default)
  const columnWidth = useLocalStorage<number>('easel.column-width', COLUMN_WIDTH.default)
  const columnTab = useLocalStorage<'queue' | 'history'>('easel.column-tab', 'queue')
  const isColumnWanted = useLocalStorage('easel.column-open', true)
  /** Simple shows prompt, size, quality and number; everything shows every setting. */
  const formMode = useLocalStorage<FormMode>(FORM_MODE_KEY, 'simple')
  const openGroups = useLocalStorage<Record<string, boolean>>('easel.open-groups', {})
  /** In a cramped window the column is opened on demand and not remembered. */
  const isColumnFloating = ref(false)
  const isColumnOpen = computed({
    get: () => (isCramped.value ? isColumnFloating.value : isColumnWanted.value),
    set: open => (isCramped.value ? (isColumnFloating.value = open) : (isColumnWanted.value = open)),
  })
  /** Narrow windows only: the settings as a sheet over the stage. */
  const isSheetOpen = ref(false)
  const isPaletteOpen = ref(false)
  const isShortcutsOpen = ref(false)

  /** The first minute's three hints; ended once, they come again only when asked for. */
  const tour = useLocalStorage<'new' | 'ended'>('easel.tour', 'new')
  const isTourOpen = ref(false)
  function endTour(): void {
    isTourOpen.value = false
    tour.value = 'ended'
  }

  return {
    view,
    isNarrow,
    isCramped,
    panelWidth,
    columnWidth,
    columnTab,
    isColumnOpen,
    formMode,
    openGroups,
    isSheetOpen,
    isPaletteOpen,
    isShortcutsOpen,
    tour,
    isTourOpen,
    endTour,
  }
})

function readView(): View {
  const named = location.hash.slice(1)
  return VIEWS.find(view => view === named) ?? 'studio'
}
