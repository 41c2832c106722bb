import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { placeWindow, readWindowState, SMALLEST, writeWindowState } from '#hosts/electron/window-state'

const left = { x: 0, y: 0, width: 1920, height: 1040 }
const right = { x: 1920, y: 0, width: 1280, height: 720 }
const saved = { x: 2000, y: 40, width: 1000, height: 600, isMaximized: false }

describe('the place of the window', () => {
  it('is the middle of the primary display the first time', () => {
    expect(placeWindow(null, [left])).toEqual({ x: 320, y: 100, width: 1280, height: 840, isMaximized: false })
  })

  it('is where it was while that display is there', () => {
    expect(placeWindow(saved, [left, right])).toEqual(saved)
  })

  it('is the middle again when the display has gone', () => {
    expect(placeWindow(saved, [left])).toMatchObject({ x: 320 })
  })

  it.each([
    ['almost off to the right', { x: 1900, y: 100 }],
    ['off to the left', { x: -990, y: 100 }],
    ['above the edge, where its title cannot be gripped', { x: 100, y: -50 }],
    ['below the edge', { x: 100, y: 1030 }],
  ])('is the middle again when it is %s', (_name, corner) => {
    expect(placeWindow({ ...saved, ...corner }, [left])).toMatchObject({ x: 320, y: 100 })
  })

  it('may hang over an edge when enough of the title stays', () => {
    const hanging = { ...saved, x: -400, y: 10 }
    expect(placeWindow(hanging, [left])).toEqual(hanging)
  })

  it('is never smaller than the page can be used in, nor larger than a small display', () => {
    expect(placeWindow({ ...saved, x: 10, width: 20, height: 20 }, [left])).toMatchObject(SMALLEST)
    expect(placeWindow(null, [{ x: 0, y: 0, width: 1024, height: 700 }])).toMatchObject({ width: 1024, height: 700 })
  })
})

describe('the file of the window', () => {
  function createFolder(): string {
    const folder = mkdtempSync(path.join(tmpdir(), 'easel-window-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    return folder
  }

  it('gives back what was written, in a folder that was not there yet', () => {
    const file = path.join(createFolder(), 'deeper/window.json')
    writeWindowState(file, saved)
    expect(readWindowState(file)).toEqual(saved)
  })

  it.each(['', '{"x":1', '{"x":"1"}', '[]', 'null', '{"x":0,"y":0,"width":-5,"height":1e999,"isMaximized":false}'])(
    'is forgotten when it says %s',
    content => {
      const file = path.join(createFolder(), 'window.json')
      writeFileSync(file, content)
      expect(readWindowState(file)).toBeNull()
    },
  )

  it('may be missing', () => {
    expect(readWindowState(path.join(createFolder(), 'none.json'))).toBeNull()
  })
})
