/** The few numbers that a series of measurements is reported as. */

export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('the median of nothing')
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Rounded for people: four significant digits. */
export function round(value: number): number {
  return Number(value.toPrecision(4))
}
