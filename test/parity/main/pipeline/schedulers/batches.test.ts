import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createSchedulerOfClass } from '#pipeline/schedulers/index'
import type { NormalSource } from '#pipeline/random/normal-source'

interface BatchRecord {
  id: string
  scheduler: string
  config: Readonly<Record<string, unknown>>
  steps: number
  variance: 'range' | 'plain' | null
  final_f32_base64: string
}

const RECORDS = JSON.parse(
  readFileSync(new URL('../../../../fixtures/samplers/batches.json', import.meta.url), 'utf8'),
) as BatchRecord[]
const BATCH = 2
const SIZE = 120
const { fround } = Math
const PATTERN = values(i => ((i % 7) - 3) / 7)

describe('batches, learned variance and thresholding equal diffusers', () => {
  it.each(RECORDS)('$id', record => {
    const scheduler = createSchedulerOfClass(record.scheduler, record.config)
    scheduler.setTimesteps({ steps: record.steps })
    const noise = countingNoise()
    let sample = values(i => (((i * 37) % 101) - 50) / 25)
    for (const timestep of scheduler.timesteps) {
      const output = withVariance(prediction(sample, timestep / 1000), record.variance)
      sample = scheduler.step({ output, timestep, sample, noise, batch: BATCH }).sample
    }
    const bytes = Buffer.from(record.final_f32_base64, 'base64')
    expect(sample.length).toBe(SIZE)
    for (let i = 0; i < SIZE; i++) expect(sample[i]).toBeCloseTo(bytes.readFloatLE(4 * i), 5)
  })
})

function values(of: (i: number) => number): Float32Array {
  return Float32Array.from({ length: SIZE }, (_, i) => of(i))
}

function prediction(sample: Float32Array, time: number): Float32Array {
  const a = fround(0.3 + 0.5 * time * time)
  const b = fround(0.2 * (1 - time))
  return sample.map((x, i) => fround(x * a) + fround(PATTERN[i] * b))
}

/** [2, 3, 4, 5] -> [2, 6, 4, 5] */
function withVariance(output: Float32Array, kind: BatchRecord['variance']): Float32Array {
  if (kind === null) return output
  const variance = kind === 'range' ? PATTERN : PATTERN.map(p => fround(p + 1) * fround(0.01))
  const half = SIZE / BATCH
  return Float32Array.from(
    Array.from({ length: BATCH }, (_, b) =>
      [output, variance].flatMap(part => [...part.subarray(b * half, (b + 1) * half)]),
    ).flat(),
  )
}

function countingNoise(): NormalSource {
  let k = 0
  return {
    normal: () => {
      const draw = k++
      return values(i => (((i * 53 + draw * 17) % 97) - 48) / 28)
    },
    saveState: () => ({ k }),
    restoreState: state => void (k = Number(state.k)),
  }
}
