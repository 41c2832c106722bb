import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createIdleUnload } from '#services/idle-unload'
import { createFakeEngine } from '#test/fake-engine'
import { createSilentLog } from '#test/silent-log'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('the model is dropped after the idle minutes, once', () => {
  const engine = createFakeEngine()
  const idle = createIdleUnload(engine, () => 10, createSilentLog())
  idle.onIdle(true)
  vi.advanceTimersByTime(9.9 * 60_000)
  expect(engine.unloads).toBe(0)
  vi.advanceTimersByTime(60 * 60_000)
  expect(engine.unloads).toBe(1)
})

test('a job that begins in the meantime keeps it, and so do 0 minutes and an end', () => {
  const engine = createFakeEngine()
  const idle = createIdleUnload(engine, () => 10, createSilentLog())
  idle.onIdle(true)
  idle.onIdle(false)
  vi.advanceTimersByTime(60 * 60_000)
  idle.onIdle(true)
  idle.dispose()
  createIdleUnload(engine, () => 0, createSilentLog()).onIdle(true)
  vi.advanceTimersByTime(60 * 60_000)
  expect(engine.unloads).toBe(0)
})
