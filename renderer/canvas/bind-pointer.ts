/**
 * Pointers, wheel and touch on the canvas's element, translated for editor and viewport: one pointer paints, the middle
 * button or Space pans, two fingers pan and zoom, the wheel zooms at the cursor and with Alt changes the brush.
 */
import type { Point } from './box.ts'
import { BRUSH_SIZE, type Editor } from './editor.ts'
import type { PointerInput } from './tools/tool.ts'
import { pan, toPicture, zoomAt, type Viewport } from './viewport.ts'

export interface PointerOptions {
  element: HTMLElement
  editor: Editor
  viewport: () => Viewport
  setViewport: (viewport: Viewport) => void
  /** Where the pointer is; null when it has left. */
  onHover: (at: PointerInput | null) => void
  /** Asked before a stroke begins. */
  canPaint: () => boolean
  isPanning: () => boolean
}

const ZOOM_A_PIXEL = 1.0015

/** Returns what takes the listeners away. */
export function bindPointer(options: PointerOptions): () => void {
  const { element, editor, viewport, setViewport } = options
  const held = new Map<number, Point>()
  let doing: 'paint' | 'pan' | 'pinch' | null = null
  const abort = new AbortController()
  const listen = <K extends keyof HTMLElementEventMap>(type: K, listener: (event: HTMLElementEventMap[K]) => void) => {
    element.addEventListener(type, listener, { signal: abort.signal, passive: false })
  }
  const at = (event: MouseEvent): Point => {
    const box = element.getBoundingClientRect()
    return { x: event.clientX - box.left, y: event.clientY - box.top }
  }
  const input = (event: PointerEvent): PointerInput => ({
    ...toPicture(viewport(), at(event)),
    pressure: event.pointerType === 'pen' ? event.pressure : 1,
    shift: event.shiftKey,
    alt: event.altKey,
    reach: 1 / viewport().scale,
  })

  listen('pointerdown', event => {
    element.setPointerCapture(event.pointerId)
    held.set(event.pointerId, at(event))
    if (held.size === 2) {
      if (doing === 'paint') editor.cancel() // the first finger of a pinch left a dot
      doing = 'pinch'
    } else if (event.button === 1 || options.isPanning()) doing = 'pan'
    else if (event.button === 0 && options.canPaint()) {
      doing = 'paint'
      editor.pointerDown(input(event))
    }
  })
  listen('pointermove', event => {
    const before = held.get(event.pointerId)
    const now = at(event)
    if (before !== undefined) held.set(event.pointerId, now)
    options.onHover(input(event))
    if (doing === 'pinch' && before !== undefined) pinch(event.pointerId, before, now)
    else if (doing === 'pan' && before !== undefined) setViewport(pan(viewport(), now.x - before.x, now.y - before.y))
    else for (const each of coalesced(event)) editor.pointerMove(input(each))
  })
  const release = (event: PointerEvent): void => {
    held.delete(event.pointerId)
    if (doing === 'paint') {
      if (event.type === 'pointercancel') editor.cancel()
      else editor.pointerUp(input(event))
    }
    if (held.size === 0) doing = null
  }
  listen('pointerup', release)
  listen('pointercancel', release)
  listen('pointerleave', () => options.onHover(null))
  listen('dblclick', () => editor.finish())
  listen('wheel', event => {
    event.preventDefault()
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 20 : event.deltaY
    if (event.altKey) resizeBrush(editor, pixels < 0 ? 1 : -1)
    else setViewport(zoomAt(viewport(), at(event), ZOOM_A_PIXEL ** -pixels))
  })

  /** The other finger stays; both the distance and the middle count. */
  function pinch(moved: number, before: Point, now: Point): void {
    const other = [...held].find(([id]) => id !== moved)?.[1]
    if (other === undefined) return
    const spread = (p: Point): number => Math.max(1, Math.hypot(p.x - other.x, p.y - other.y))
    const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 }
    setViewport(
      zoomAt(pan(viewport(), (now.x - before.x) / 2, (now.y - before.y) / 2), middle, spread(now) / spread(before)),
    )
  }

  return () => abort.abort()
}

/** Steps of about a tenth, at least one pixel. */
export function resizeBrush(editor: Editor, direction: 1 | -1): void {
  const { brush } = editor.settings
  const step = Math.max(1, Math.round(brush.size / 10))
  const size = Math.min(BRUSH_SIZE.max, Math.max(BRUSH_SIZE.min, Math.round(brush.size) + direction * step))
  editor.set({ brush: { ...brush, size } })
}

/**
 * Between two frames a pen reports many points. A page that another device loads over plain HTTP is not told of them
 * (https://w3c.github.io/pointerevents/#dom-pointerevent-getcoalescedevents), nor is an older Safari: there it is the event itself.
 */
function coalesced(event: PointerEvent): PointerEvent[] {
  const { getCoalescedEvents }: Partial<PointerEvent> = event
  const events = getCoalescedEvents?.call(event) ?? []
  return events.length > 0 ? events : [event]
}
