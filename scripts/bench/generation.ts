/**
 * What Easel adds to the networks: the time of a whole generation (noise, loop, previews, PNG files) over the sum of its
 * own `session.run` calls, both of the same run, so that the machine's mood cancels out.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createLocalEngine } from '#engine/local-engine'
import { createOrtSession } from '#pipeline/ort-session'
import { timeSessions } from '#pipeline/timed-session'
import { createBenchRequest, MODEL_FOLDER } from './bench-request.ts'
import { median, round } from './statistics.ts'

export interface GenerationOptions {
  steps: number
  images: number
  repeats: number
}

export async function benchGeneration({ steps, images, repeats }: GenerationOptions) {
  const folder = mkdtempSync(path.join(tmpdir(), 'easel-bench-'))
  const now = () => performance.now()
  const { createSession, times } = timeSessions(createOrtSession, now)
  const engine = createLocalEngine({ createSession, now })
  const stepTimes: number[] = []

  async function generate(
    stepsNow: number,
    imagesNow: number,
  ): Promise<{ wholeMs: number; runsMs: number; runs: number }> {
    const before = { ...times }
    const startedAt = now()
    await engine.generate(
      {
        id: 'bench',
        modelFolder: MODEL_FOLDER,
        request: createBenchRequest(stepsNow, imagesNow),
        outputs: Array.from({ length: imagesNow }, (_, i) => path.join(folder, `${i}.png`)),
        sourcesFolder: folder,
        appVersion: 'bench',
        threads: 0,
        provider: 'auto',
        memoryMb: 0,
        relief: [],
      },
      {
        signal: new AbortController().signal,
        onEvent: event => {
          if (event.type === 'step') stepTimes.push(event.stepMs)
        },
      },
    )
    return { wholeMs: now() - startedAt, runsMs: times.totalMs - before.totalMs, runs: times.runs - before.runs }
  }

  try {
    const first = await generate(1, 1)
    stepTimes.length = 0
    const repetitions = []
    for (let i = 0; i < repeats; i++) repetitions.push(await generate(steps, images))
    const ratios = repetitions.map(({ wholeMs, runsMs }) => wholeMs / runsMs)
    return {
      steps,
      images,
      /** Everything before the networks of the first job ran: files, graphs, tokenizer. */
      modelLoadSeconds: round((first.wholeMs - first.runsMs) / 1000),
      secondsPerStep: round(median(stepTimes) / 1000),
      secondsPerImage: round(median(repetitions.map(({ wholeMs }) => wholeMs)) / 1000 / images),
      sessionRuns: repetitions[0].runs,
      /** Whole generation / sum of its session runs. */
      overheadRatio: round(median(ratios)),
      overheadRatios: ratios.map(round),
    }
  } finally {
    await engine.dispose()
    rmSync(folder, { recursive: true, force: true })
  }
}
