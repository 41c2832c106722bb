/** Dragging a label sideways changes its number, as in drawing programs. Pointer only: the keyboard has the field itself. */
import { ref } from 'vue'
import { stepNumber } from './number-text.ts'

const PIXELS_A_STEP = 6

interface Scrubbed {
  value: number
  min: number
  max: number
  step: number
}

export function useScrub(read: () => Scrubbed, write: (value: number) => void) {
  const isScrubbing = ref(false)
  let startX = 0
  let startValue = 0

  function onPointerdown(event: PointerEvent): void {
    if (event.button !== 0) return
    ;(event.currentTarget as HTMLElement).setPointerCapture(event.pointerId)
    isScrubbing.value = true
    startX = event.clientX
    startValue = read().value
  }

  function onPointermove(event: PointerEvent): void {
    if (!isScrubbing.value) return
    const steps = Math.trunc((event.clientX - startX) / PIXELS_A_STEP) * (event.shiftKey ? 10 : 1)
    if (steps !== 0) write(stepNumber(startValue, steps, read()))
  }

  function onPointerup(): void {
    isScrubbing.value = false
  }

  return { isScrubbing, handlers: { onPointerdown, onPointermove, onPointerup, onPointercancel: onPointerup } }
}
