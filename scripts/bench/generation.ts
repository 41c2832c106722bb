/**
 * What Easel adds to the networks: the time of a whole generation, from the request to the last file (noise, loop, previews,
 * PNG), over the sum of its own `session.run` calls, both of the same run, so that the machine's mood cancels out; and over
 * the same runs repeated bare: same process, same sessions, same feeds, nothing in between.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setFlagsFromString } from 'node:v8'
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
  setFlagsFromString('--no-maglev') // as the engine's process runs (main/hosts/fork-engine.ts)
  const folder = mkdtempSync(path.join(tmpdir(), 'easel-bench-'))
  const now = () => performance.now()
  const { createSession, times, keepFeeds, repeatRuns } = timeSessions(createOrtSession, now)
  const engine = createLocalEngine({ createSession, now })
  const stepTimes: number[] = []
  let jobs = 0

  async function generate(
    stepsNow: number,
    imagesNow: number,
  ): Promise<{ wholeMs: number; runsMs: number; runs: number }> {
    const before = { ...times }
    const job = `bench-${++jobs}`
    const startedAt = now()
    await engine.generate(
      {
        id: job,
        modelFolder: MODEL_FOLDER,
        request: createBenchRequest(stepsNow, imagesNow),
        outputs: Array.from({ length: imagesNow }, (_, i) => path.join(folder, `${job}-${i}.png`)),
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
    const cold = await generate(steps, images)
    stepTimes.length = 0
    const repetitions = []
    for (let i = 0; i < repeats; i++) {
      keepFeeds()
      const generation = await generate(steps, images)
      repetitions.push({ ...generation, bareMs: await repeatRuns() })
    }
    const ratios = repetitions.map(({ wholeMs, runsMs }) => wholeMs / runsMs)
    const bareRatios = repetitions.map(({ wholeMs, bareMs }) => wholeMs / bareMs)
    return {
      steps,
      images,
      /** Everything before the networks of the first job ran: files, graphs, tokenizer. */
      modelLoadSeconds: round((first.wholeMs - first.runsMs) / 1000),
      secondsPerStep: round(median(stepTimes) / 1000),
      secondsPerImage: round(median(repetitions.map(({ wholeMs }) => wholeMs)) / 1000 / images),
      sessionRuns: repetitions[0].runs,
      /** Of the first one, whose JavaScript is still interpreted in good part. */
      coldOverheadRatio: round(cold.wholeMs / cold.runsMs),
      /** Whole generation / sum of its session runs. */
      overheadRatio: round(median(ratios)),
      overheadRatios: ratios.map(round),
      /** Whole generation / the same runs repeated bare, right after it. */
      bareRatio: round(median(bareRatios)),
      bareRatios: bareRatios.map(round),
    }
  } finally {
    await engine.dispose()
    rmSync(folder, { recursive: true, force: true })
  }
}
