/** Where standard normal noise comes from: a generator that equals another program's bit for bit, or given arrays in tests. */

export interface NormalSource {
  /** The next noise tensor of this shape, as float32; how many words it takes from the generator depends on the shape. */
  normal(dims: readonly number[]): Float32Array
  /** The generator's whole state as plain data; `restoreState` continues from it bit for bit. */
  saveState(): Readonly<Record<string, unknown>>
  restoreState(state: Readonly<Record<string, unknown>>): void
}
