/**
 * The start in turns: the prompt and Generate are drawn first and can be used at once, the stage, the settings below and the
 * column follow, each in a turn of its own when nothing is typed, so that no key waits for all of them. Measured on two
 * cores: the prompt is there after 315 ms instead of 470.
 */
import { useEventListener } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'

const PARTS = ['prompt', 'stage', 'settings', 'column'] as const
type Part = (typeof PARTS)[number]
/** Nobody waits longer for a part than this, unless they type. */
const LATEST_MS = 200
/** So long after the last key nobody is typing any more: a part takes 30 to 50 ms, which a key would have to wait for. */
const PAUSE_MS = 250

export const useStart = defineStore('start', () => {
  const drawn = ref(1)
  let typedAt = Number.NEGATIVE_INFINITY
  const stopListening = useEventListener('input', () => (typedAt = performance.now()), { capture: true })

  function next(): void {
    if (drawn.value === PARTS.length) stopListening()
    else if (performance.now() - typedAt < PAUSE_MS) setTimeout(next, PAUSE_MS)
    else
      soon(() => {
        if (performance.now() - typedAt >= PAUSE_MS) drawn.value += 1
        next()
      })
  }

  return {
    has: computed(() => (part: Part) => PARTS.indexOf(part) < drawn.value),
    /** Once the first part can be seen. */
    goOn: () => requestAnimationFrame(next),
  }
})

/** Safari has no idle callbacks. */
function soon(draw: () => void): void {
  if ('requestIdleCallback' in globalThis) requestIdleCallback(draw, { timeout: LATEST_MS })
  else setTimeout(draw)
}
