/** What pictures have cost on this machine: one value for each kind of cost and size, which every run moves a little. */
import { z } from 'zod'
import type { Database } from './database.ts'

/** Of which model, with the engine set how, and what: "call guided". */
export interface MeasurementKey {
  model: string
  engine: string
  what: string
}

export interface Measurement {
  width: number
  height: number
  value: number
}

/** So many runs are a value's memory: what the machine did long ago, under another load, fades. */
const MEMORY = 5

const row = z.object({ width: z.int(), height: z.int(), value: z.number() })

export type MeasurementStore = ReturnType<typeof createMeasurementStore>

export function createMeasurementStore(database: Database) {
  return {
    /** The mean of the first runs; later each moves it by a fifth of the difference. */
    add({ model, engine, what }: MeasurementKey, { width, height, value }: Measurement): void {
      database.run(
        `INSERT INTO measurement (model, engine, what, width, height, value, count) VALUES (?, ?, ?, ?, ?, ?, 1)
         ON CONFLICT (model, engine, what, width, height) DO UPDATE SET
           value = value + (excluded.value - value) / min(count + 1, ${MEMORY}), count = count + 1`,
        model,
        engine,
        what,
        width,
        height,
        value,
      )
    },
    /** Of all sizes. */
    list({ model, engine, what }: MeasurementKey): Measurement[] {
      return database.all(
        row,
        'SELECT width, height, value FROM measurement WHERE model = ? AND engine = ? AND what = ?',
        model,
        engine,
        what,
      )
    },
  }
}
