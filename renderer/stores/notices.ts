/** The few words that appear by themselves: what can be undone, and what just failed. One at a time. */
import { defineStore } from 'pinia'
import { ref } from 'vue'

export interface Notice {
  text: string
  tone: 'plain' | 'danger'
  undo?: () => Promise<void>
}

const SHOWN_MS = { plain: 3000, undo: 9000, danger: 9000 } as const

export const useNotices = defineStore('notices', () => {
  const current = ref<Notice | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined

  function show(notice: Notice): void {
    clearTimeout(timer)
    current.value = notice
    timer = setTimeout(dismiss, notice.undo === undefined ? SHOWN_MS[notice.tone] : SHOWN_MS.undo)
  }

  function dismiss(): void {
    clearTimeout(timer)
    current.value = null
  }

  async function undo(): Promise<void> {
    const notice = current.value
    dismiss()
    await notice?.undo?.()
  }

  return { current, show, dismiss, undo }
})
