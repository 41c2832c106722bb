/** What a screen reader hears of the canvas: where the cursor is, what was painted, and how much is masked now. */
import { ref, watch, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Point } from '../../canvas/box.ts'
import type { Editor } from '../../canvas/editor.ts'
import { cellAt, gridOf } from '../../canvas/grid.ts'
import type { ChangePlan } from '../../canvas/plan-change.ts'

export function useAnnouncements(editor: Editor, plan: Ref<ChangePlan | null>) {
  const { t } = useI18n()
  const text = ref('')
  /** What was painted a moment ago: how much is masked now is said after it, not in its place. */
  let painting = ''

  watch(plan, (now, before) => {
    const [masked, wasMasked] = [percentOf(now), percentOf(before)]
    if (masked !== wasMasked) text.value = `${painting}${t('canvas.maskedNow', { percent: masked })}`
    painting = ''
  })

  function tellCursor(at: Point, painted: boolean): void {
    text.value = editor.settings.tool === 'grid' ? cellText(at) : cursorText(at, painted)
    painting = painted ? `${text.value}. ` : ''
  }

  function cursorText({ x, y }: Point, painted: boolean): string {
    return t(painted ? 'canvas.painted' : 'canvas.cursor', { x: Math.round(x), y: Math.round(y) })
  }

  function cellText({ x, y }: Point): string {
    const { mask } = editor.document
    const grid = gridOf(mask, editor.settings.cells)
    const { column, row } = cellAt({ x, y }, mask, grid)
    const at = Math.min(mask.height - 1, Math.floor(y)) * mask.width + Math.min(mask.width - 1, Math.floor(x))
    const isMasked = (mask.data[at] ?? 0) >= 128
    return t(isMasked ? 'canvas.cellMasked' : 'canvas.cellFree', { ...grid, column: column + 1, row: row + 1 })
  }

  return { text, tellCursor }
}

function percentOf(plan: ChangePlan | null): number {
  return Math.round((plan?.maskedShare ?? 0) * 100)
}
