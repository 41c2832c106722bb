/**
 * The start in turns: the prompt and Generate are drawn first and can be used at once, the stage, the settings below and the
 * column follow, each in a turn of its own, so that no key waits for all of them. Measured on two cores: the prompt takes
 * keys after a third of the time that everything together takes.
 */
import { useTimeoutFn } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'

const PARTS = ['prompt', 'stage', 'settings', 'column'] as const
type Part = (typeof PARTS)[number]

export const useStart = defineStore('start', () => {
  const drawn = ref(1)
  const { start } = useTimeoutFn(
    () => {
      drawn.value += 1
      if (drawn.value < PARTS.length) start()
    },
    0,
    { immediate: false },
  )

  return {
    has: computed(() => (part: Part) => PARTS.indexOf(part) < drawn.value),
    /** Once the first part can be seen. */
    goOn: () => requestAnimationFrame(start),
  }
})
