import { describe, expect, it } from 'vitest'
import { fitTask } from '#pipeline/starts/fit-task'
import type { StartingPoint } from '#pipeline/starts/prepare-start'

const SIZE = { height: 4, width: 6 }
const pixels = { dims: [1, 3, 4, 6], data: new Float32Array(72).fill(0.5) }
const NOISE: StartingPoint = { kind: 'noise' }
const IMAGE: StartingPoint = { kind: 'image', pixels, strength: 0.7 }
const fit = (from: StartingPoint, inputChannels: number | null) =>
  fitTask(from, { inputChannels, latentChannels: 4 }, SIZE)

describe('a task and the network that shall do it', () => {
  it('stay as they are for a network without further channels, or one that does not say', () => {
    expect(fit(IMAGE, 4)).toBe(IMAGE)
    expect(fit(NOISE, null)).toBe(NOISE)
  })

  it('make an inpainting network paint everything', () => {
    const fitted = fit(NOISE, 9)
    expect(fitted).toMatchObject({ kind: 'inpaint', strength: 1 })
    expect(fitted.kind === 'inpaint' && fitted.mask).toEqual({ dims: [1, 1, 4, 6], data: new Float32Array(24).fill(1) })
    expect(fit(IMAGE, 9)).toMatchObject({ kind: 'inpaint', strength: 0.7, pixels })
  })

  it('give an editing network the picture as what it edits', () => {
    expect(fit(IMAGE, 8)).toMatchObject({ kind: 'instruct', pixels })
  })

  it('are refused where a picture is missing', () => {
    expect(() => fit(NOISE, 8)).toThrow(/edit/)
    expect(() => fit(NOISE, 7)).toThrow(/enlarge/)
  })
})
