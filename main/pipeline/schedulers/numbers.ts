/** The numpy calls of the reference whose rounding decides a schedule, in doubles. */

/** To the nearest whole number, halves to the even one. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x)
  const rest = x - floor
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1
  return floor % 2 === 0 ? floor : floor + 1
}

/** `count` values from start to end; the last one is exactly `end`. */
export function linspace(start: number, end: number, count: number): Float64Array {
  const step = (end - start) / (count - 1)
  const values = Float64Array.from({ length: count }, (_, i) => (i === 0 ? start : i * step + start))
  if (count > 1) values[count - 1] = end
  return values
}

/** start, start + step, ... up to but without `end`; like numpy's, float error can give one value more than expected. */
export function arange(start: number, end: number, step: number): Float64Array {
  const delta = start + step - start
  return Float64Array.from({ length: Math.max(Math.ceil((end - start) / step), 0) }, (_, i) => start + i * delta)
}

/** values at position x of 0, 1, 2, ...; linear between them, constant outside. */
export function interpolate(values: Float32Array, x: number): number {
  const last = values.length - 1
  if (x <= 0) return values[0]
  if (x >= last) return values[last]
  const low = Math.floor(x)
  return (values[low + 1] - values[low]) * (x - low) + values[low]
}

export function toFloat32(values: Float64Array): Float64Array {
  return values.map(Math.fround)
}
