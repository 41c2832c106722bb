/** Which of the windows over the page is open that no single view owns. Not remembered. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { ImageRecord } from '#contract/gallery'

export const useDialogs = defineStore('dialogs', () => {
  const isSweepOpen = ref(false)
  const isStylesOpen = ref(false)
  const isWildcardsOpen = ref(false)
  /** The batch whose contact sheet is shown. */
  const sheetOf = ref<string | null>(null)
  /** The two pictures that are compared, the earlier one first. */
  const compared = ref<[ImageRecord, ImageRecord] | null>(null)
  /** The file whose place is said, where the host cannot open its folder. */
  const filePath = ref<string | null>(null)
  return { isSweepOpen, isStylesOpen, isWildcardsOpen, sheetOf, compared, filePath }
})
