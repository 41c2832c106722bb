import { describe, expect, it } from 'vitest'
import { createImageGuidance } from '#pipeline/guidance/image-guidance'

const STEP = { index: 0, count: 1 }
const [text, image, none] = [
  [5, 1],
  [2, 3],
  [1, -1],
].map(values => Float32Array.from(values))

describe('createImageGuidance', () => {
  it('asks for text, image, unconditional in this order', () => {
    const guidance = createImageGuidance({ scale: 7, imageScale: 1.5 })
    expect(guidance.sidesAt(STEP)).toEqual(['positive', 'negative', 'negative-without-image'])
  })

  it('weighs instruction and picture apart', () => {
    const guided = createImageGuidance({ scale: 2, imageScale: 3 }).combine([text, image, none], STEP, 1)
    expect([...guided]).toEqual([1 + 2 * (5 - 2) + 3 * (2 - 1), -1 + 2 * (1 - 3) + 3 * (3 + 1)])
  })

  it('is the full prediction when both scales are 1', () => {
    expect(createImageGuidance({ scale: 1, imageScale: 1 }).combine([text, image, none], STEP, 1)).toEqual(text)
  })

  it.each([
    [1, 1.5],
    [7, 0.9],
  ])('is off at scales %d and %d', (scale, imageScale) => {
    expect(createImageGuidance({ scale, imageScale }).sidesAt(STEP)).toEqual(['positive'])
  })

  it('refuses a negative image scale by name', () => {
    expect(() => createImageGuidance({ scale: 7, imageScale: -1 })).toThrow('imageGuidance is -1')
  })
})
