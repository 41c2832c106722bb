/** Which of the windows over the page is open that no single view owns. Not remembered. */
import { defineStore } from 'pinia'
import { ref } from 'vue'

export const useDialogs = defineStore('dialogs', () => {
  const isSweepOpen = ref(false)
  /** The batch whose contact sheet is shown. */
  const sheetOf = ref<string | null>(null)
  return { isSweepOpen, sheetOf }
})
