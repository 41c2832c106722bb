/** The enlarger without a network that comes with Easel: what is flat stays flat, what rises rises evenly, in its place. */
import { expect, it } from 'vitest'
import { resolveEdit } from '#contract/edit'
import { createLocalEngine } from '#engine/local-engine'
import { createOrtSession } from '#pipeline/ort-session'
import { putSource, runFixture } from '#test/fixture-job'
import { scratchFolder } from '#test/scratch-folder'
import { ROOT } from '#test/test-app'

it('doubles both sides, centred, without inventing anything', async () => {
  const engine = createLocalEngine({ createSession: createOrtSession, now: () => performance.now() })
  const folder = await scratchFolder()
  const size = { width: 64, height: 96 }
  const source = await putSource(folder, size, (x, _, colour) => (colour === 0 ? 90 : 2 * x))
  const { picture } = await runFixture(engine, folder, `${ROOT}/models/x2-smooth`, {
    ...{ width: 128, height: 192, images: 1 },
    edit: resolveEdit({ source }),
  })
  expect([picture.width, picture.height]).toEqual([128, 192])
  const at = (x: number, y: number, colour: number) => picture.data[(y * 128 + x) * 3 + colour]
  for (const x of [0, 1, 40, 127]) expect(at(x, 50, 0)).toBe(90)
  // Pixel x of the large one lies at (x + 1/2) / 2 - 1/2 of the small one, where a ramp of 2 a pixel is x - 1/2.
  for (const x of [20, 21, 60, 99]) expect(Math.abs(at(x, 50, 1) - (x - 0.5))).toBeLessThanOrEqual(0.5)
  await engine.dispose()
})
