import { expect, test } from 'vitest'
import { createNormalSource } from '#pipeline/random/noise'
import { transferred } from '#pipeline/schedulers/unipc-transfer'

/** Enough for four lanes, in parts that are too few; the last part is not as long as the others. */
const LENGTH = 2 ** 14 + 2052
const PART = 4096
const noise = createNormalSource('torch-cpu', 3)
const draw = () => noise.normal([LENGTH])
const transfer = { scale: Math.fround(0.9), clean: Math.fround(-0.123), bend: Math.fround(0.37) }

test.each([1, 2, 3, 9])('gives the same bits for many values at once as in parts, %i differences', count => {
  const [sample, newest] = [draw(), draw()]
  const differences = Array.from({ length: count }, (_, k) => ({
    rho: Math.fround(0.3 / (k + 1)),
    ratio: k === count - 1 ? 1 : Math.fround(-0.7 - k),
    output: draw(),
  }))
  const expected = new Float32Array(LENGTH)
  for (let start = 0; start < LENGTH; start += PART) {
    const part = (values: Float32Array) => values.subarray(start, start + PART)
    const parts = differences.map(difference => ({ ...difference, output: part(difference.output) }))
    expected.set(transferred(transfer, part(sample), part(newest), parts), start)
  }
  const atOnce = transferred(transfer, sample, newest, differences)
  expect(new Uint32Array(atOnce.buffer)).toEqual(new Uint32Array(expected.buffer))
})
