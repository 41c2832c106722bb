import { expect, test } from 'vitest'
import { createRest } from '#engine/create-rest'

test('a slow step is followed by a turn of the event loop, a quick one is not', async () => {
  let time = 0
  let turns = 0
  const rest = createRest(
    () => time,
    async () => {
      turns++
      time += 500 // whatever was waiting
    },
  )
  const turnsAfter = async (...stepsMs: number[]): Promise<number> => {
    turns = 0
    for (const stepMs of stepsMs) {
      time += stepMs
      await rest()
    }
    return turns
  }
  expect(await turnsAfter(15, 15, 15, 15)).toBe(0)
  expect(await turnsAfter(1000, 1000)).toBe(2)
  expect(await turnsAfter(1000, 15, 40)).toBe(2)
})
