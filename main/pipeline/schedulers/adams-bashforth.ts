/** The mean slope of a step from up to four slopes, newest first: Adams-Bashforth with equal steps (Liu et al. 2022, equation 9). */
import { addScaled, combine2, combine3, divided, scaled } from './kernels.ts'

export function adamsBashforth(slopes: readonly Float32Array[]): Float32Array {
  const [e1, e2, e3, e4] = slopes
  switch (slopes.length) {
    case 1:
      return e1
    case 2:
      return divided(combine2(3, e1, -1, e2), 2)
    case 3:
      return divided(combine3(23, e1, -16, e2, 5, e3), 12)
    default:
      return scaled(Math.fround(1 / 24), addScaled(combine3(55, e1, -59, e2, 37, e3), -9, e4))
  }
}
