import { expect, it } from 'vitest'
import { chooseThreads, machineMemory } from '#engine/machine'

it.each([
  [0, { processors: 8, usable: 8 }, 0],
  [0, { processors: 64, usable: 2 }, 2],
  [3, { processors: 64, usable: 2 }, 3],
] as const)('%i threads on %j become %i: the runtime chooses for a whole machine only', (threads, facts, expected) => {
  expect(chooseThreads(threads, facts)).toBe(expected)
})

it('knows what this machine has', () => {
  const { totalBytes, availableBytes, residentBytes } = machineMemory()
  expect(totalBytes).toBeGreaterThan(residentBytes)
  expect(availableBytes).toBeGreaterThan(0)
})
