/**
 * Jobs of a model that makes pictures larger: no prompt, no noise, one run of its network a tile. What it gives is then brought to
 * the size that was asked for. The network stays in memory from job to job, beside the model that paints.
 */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '#contract/errors'
import { ENLARGING } from '#contract/memory'
import { createNotice, type Notice } from '#contract/notices'
import { providersFor, providersOf, type Provider } from '#contract/providers'
import { graphAlone } from '#graph/graph-alone'
import type { EncodablePicture } from '#imaging/png-encode'
import { throwIfCancelled } from '#pipeline/denoise'
import { createMemoryBudget } from '#pipeline/memory/memory-budget'
import { createSessionPool, type SessionPool } from '#pipeline/memory/session-pool'
import { rungsOf, withRelief } from '#pipeline/relief'
import type { CreateSession, Session } from '#pipeline/session'
import { createSuperResolution, type SuperResolution } from '#pipeline/super-resolution'
import { readSources } from '../edit/read-sources.ts'
import type { EngineJob, GenerateOptions } from '../engine.ts'
import type { OpeningChoice } from '../loaded-model.ts'
import { chooseThreads, machineMemory } from '../machine.ts'
import type { Notices } from '../notices.ts'
import { readGraphSignature } from '../read-graph.ts'
import { enlargePicture } from './enlarge-picture.ts'

/** The graph of a folder that holds such a network and nothing else; null for all others. Absolute. */
export async function findEnlarger(modelFolder: string): Promise<string | null> {
  const names = await readdir(modelFolder).catch((): string[] => [])
  const file = names.includes('unet') || names.includes('transformer') ? null : graphAlone(names)
  return file === null ? null : join(modelFolder, file)
}

export interface EnlargerOptions {
  createSession: CreateSession
  /** Gives up what paints, for memory. */
  makeRoom: () => Promise<void>
  now: () => number
}

export interface Enlarger {
  /** `graph` is what `findEnlarger` gave for the job's model. */
  enlarge(graph: string, job: EngineJob, options: GenerateOptions & { notices: Notices }): Promise<EncodablePicture>
  provider(): Provider
  notices(): readonly Notice[]
  release(): Promise<void>
}

interface Held {
  key: string
  pool: SessionPool
  session: Session
  network: SuperResolution
}

export function createEnlarger({ createSession, makeRoom, now }: EnlargerOptions): Enlarger {
  let held: Held | null = null
  /** Index of the largest tile that memory has allowed so far. */
  let at = 0

  async function open(graph: string, choice: OpeningChoice): Promise<Held> {
    const { threads, provider, memoryMb, relief } = choice
    const key = `${threads} ${provider} ${memoryMb} ${relief.join()} ${graph}`
    if (held?.key === key) return held
    await release()
    const weightBytes = (await stat(graph)).size
    const available = providersOf(process.platform, process.arch)
    const pool = createSessionPool({
      createSession,
      readSignature: readGraphSignature,
      totalBytes: weightBytes,
      threads: chooseThreads(threads),
      providers: relief.includes('processor') ? ['cpu'] : providersFor(provider, available),
      budget: createMemoryBudget(memoryMb, machineMemory),
    })
    const session = await pool.open({ name: 'enlarger', graph, config: null, halvings: null, weightBytes })
    held = { key, pool, session, network: createSuperResolution(session, graph) }
    return held
  }

  async function release(): Promise<void> {
    const old = held
    held = null
    await old?.pool.release()
  }

  return {
    release,
    provider: () => held?.pool.provider() ?? 'cpu',
    notices: () => held?.pool.notices() ?? [],
    async enlarge(graph, job, { signal, onEvent, notices }) {
      const { edit, width, height } = job.request
      if (edit === undefined) throw new AppError('internal', 'A job that makes a picture larger came without one.')
      if (held === null) onEvent({ type: 'phase', image: 0, phase: 'loading' })
      const { network, session } = await open(graph, job)
      const { picture, notices: ofPicture } = await readSources(edit, job.sourcesFolder)
      ofPicture.forEach(notices.tell)
      notices.tellStanding()
      const smaller = (): Notice | null => {
        if (at === ENLARGING.sides.length - 1) return null
        at++
        return createNotice('memory-enlarged-in-tiles', { pixels: ENLARGING.sides[at] })
      }
      const room = async (): Promise<null> => {
        await makeRoom()
        return null
      }
      onEvent({ type: 'phase', image: 0, phase: 'denoising' })
      let startedAt = now()
      const attempt = (): Promise<EncodablePicture> =>
        enlargePicture(network, picture, {
          size: { width, height },
          tile: ENLARGING.sides[at],
          beforeTile: () => throwIfCancelled(signal),
          onTile(step, steps) {
            onEvent({ type: 'step', image: 0, step, steps, stepMs: now() - startedAt })
            startedAt = now()
          },
        })
      return withRelief(attempt, () => rungsOf(session.relief ?? null, [room, smaller]), notices.tell)
    },
  }
}
