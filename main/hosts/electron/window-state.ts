/** Where the window was: kept in a small JSON file, and believed only if it can still be seen on a display of today. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Rectangle } from 'electron'
import { z } from 'zod'

const windowStateSchema = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().positive(),
  height: z.int().positive(),
  isMaximized: z.boolean(),
})
export type WindowState = z.infer<typeof windowStateSchema>

export const SMALLEST = { width: 640, height: 480 } as const
const PREFERRED = { width: 1280, height: 840 } as const
/** So much of the title bar has to be on a display for the window to be dragged back by hand. */
const GRIP = { width: 120, height: 32 } as const

/** Work areas of the displays, the primary one first -> bounds that can be seen and used. */
export function placeWindow(saved: WindowState | null, displays: readonly Rectangle[]): WindowState {
  const [primary = { x: 0, y: 0, ...PREFERRED }] = displays
  if (saved === null) return centred(primary)
  const { width, height } = saved
  const usable = { ...saved, width: Math.max(width, SMALLEST.width), height: Math.max(height, SMALLEST.height) }
  return displays.some(display => isReachable(usable, display)) ? usable : centred(primary)
}

function isReachable(state: Rectangle, display: Rectangle): boolean {
  const visibleWidth = Math.min(state.x + state.width, display.x + display.width) - Math.max(state.x, display.x)
  const isTitleInside = state.y >= display.y && state.y + GRIP.height <= display.y + display.height
  return visibleWidth >= GRIP.width && isTitleInside
}

function centred(display: Rectangle): WindowState {
  const width = Math.min(PREFERRED.width, display.width)
  const height = Math.min(PREFERRED.height, display.height)
  return {
    x: display.x + Math.round((display.width - width) / 2),
    y: display.y + Math.round((display.height - height) / 2),
    width,
    height,
    isMaximized: false,
  }
}

/** A file that is missing or wrong is no reason not to open a window. */
export function readWindowState(file: string): WindowState | null {
  try {
    return windowStateSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return null
  }
}

/** Throws when it cannot be written; written aside first, so that it is never half there. */
export function writeWindowState(file: string, state: WindowState): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.new`, JSON.stringify(state))
  renameSync(`${file}.new`, file)
}
