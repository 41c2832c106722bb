import { expect, test } from 'vitest'
import { openWindowMemory, type Surroundings } from '../../../../renderer/stores/window-memory.ts'

/** Web Locks as far as they are used: held for ever by a window until it is closed. */
function createBrowser() {
  const local = createStorage()
  const held = new Map<string, symbol>()
  let ids = 0
  let time = 0

  function createWindow(session = createStorage()) {
    const owner = Symbol('window')
    const locks = {
      request: (name: string, options: LockOptions, granted: (lock: object | null) => unknown) => {
        if (!held.has(name)) {
          held.set(name, owner)
          return Promise.resolve(granted({}))
        }
        if (options.ifAvailable === true) return Promise.resolve(granted(null))
        return new Promise((_resolve, reject) => {
          options.signal?.addEventListener('abort', () => reject(new Error('timed out')))
        })
      },
    } as unknown as LockManager
    const around: Surroundings = { local, session, locks, now: () => ++time, newId: () => `window-${++ids}` }
    const close = () => held.forEach((holder, name) => holder === owner && held.delete(name))
    return { around, session, close }
  }
  return { createWindow, local }
}

function createStorage(): Storage {
  const values: Record<string, string> = {}
  return Object.defineProperties(values, {
    getItem: { value: (key: string) => values[key] ?? null },
    setItem: { value: (key: string, value: string) => void (values[key] = value) },
    removeItem: { value: (key: string) => void Reflect.deleteProperty(values, key) },
  }) as unknown as Storage
}

test('a reload finds what the same window wrote', async () => {
  const { createWindow } = createBrowser()
  const first = createWindow()
  const memory = await openWindowMemory(first.around)
  memory.write('draft', { prompt: 'a dog' })
  first.close()
  const again = await openWindowMemory(createWindow(first.session).around)
  expect(again.read('draft')).toEqual({ prompt: 'a dog' })
})

test('a second window starts as a copy and does not write into the first', async () => {
  const browser = createBrowser()
  const one = browser.createWindow()
  const first = await openWindowMemory(one.around)
  first.write('draft', 'first')
  const second = await openWindowMemory(browser.createWindow().around)
  expect(second.read('draft')).toBe('first')
  second.write('draft', 'second')
  one.close()
  expect((await openWindowMemory(browser.createWindow(one.session).around)).read('draft')).toBe('first')
})

test('a window that was closed is taken up by the next one', async () => {
  const browser = createBrowser()
  const closed = browser.createWindow()
  const memory = await openWindowMemory(closed.around)
  memory.write('draft', 'left behind')
  closed.close()
  const next = browser.createWindow()
  await openWindowMemory(next.around)
  expect(next.session.getItem('easel.window')).toBe(closed.session.getItem('easel.window'))
})

test('a duplicated tab gets an id of its own and a copy of the original', async () => {
  const browser = createBrowser()
  const original = browser.createWindow()
  const memory = await openWindowMemory(original.around)
  memory.write('draft', 'original')
  const session = createStorage()
  session.setItem('easel.window', original.session.getItem('easel.window') ?? '')
  const duplicate = await openWindowMemory(browser.createWindow(session).around)
  expect(duplicate.read('draft')).toBe('original')
  expect(session.getItem('easel.window')).not.toBe(original.session.getItem('easel.window'))
})

test('a damaged record is forgotten instead of stopping the page', async () => {
  const browser = createBrowser()
  browser.local.setItem('easel.window.broken', '{"savedAt": 1')
  const memory = await openWindowMemory(browser.createWindow().around)
  expect(memory.read('draft')).toBeUndefined()
})
