import { expect, test } from 'vitest'
import { createRest } from '#engine/create-rest'

test('quick steps share a turn of the event loop, and a slow step has one of its own', async () => {
  let time = 0
  let turns = 0
  const rest = createRest(
    () => time,
    async () => void turns++,
  )
  const turnsAfter = async (stepMs: number, steps: number): Promise<number> => {
    turns = 0
    for (let step = 0; step < steps; step++) {
      time += stepMs
      await rest()
    }
    return turns
  }
  expect(await turnsAfter(15, 12)).toBe(4)
  expect(await turnsAfter(1000, 5)).toBe(5)
})
