/** An app with stores and no page, for tests of what the page knows. */
import { createPinia } from 'pinia'
import { createApp, type App } from 'vue'
import { onTestFinished } from 'vitest'
import { GENERATION_DEFAULTS, SCHEDULERS, type GenerationRequest } from '#contract/generation'
import type { ImageRecord } from '#contract/gallery'
import type { JobSnapshot } from '#contract/jobs'
import type { ModelSummary } from '#contract/models'
import {
  CANVAS_STORAGE,
  type CanvasRecord,
  type CanvasStorage,
  type CanvasWrite,
} from '../../renderer/stores/canvas-storage.ts'
import { CLIENT } from '../../renderer/stores/client.ts'
import { WINDOW_MEMORY, type WindowMemory } from '../../renderer/stores/window-memory.ts'
import { createFakeClient, type FakeClient } from './fake-client.ts'

export interface PageStores {
  app: App
  client: FakeClient
  memory: WindowMemory
  canvas: CanvasStorage
}

export function createPageStores(options: Partial<Omit<PageStores, 'app'>> = {}): PageStores {
  const { client = createFakeClient(), memory = createMemory(), canvas = createCanvasMemory() } = options
  const app = createApp({ render: () => null })
    .provide(CLIENT, client)
    .provide(WINDOW_MEMORY, memory)
    .provide(CANVAS_STORAGE, canvas)
    .use(createPinia())
  onTestFinished(() => app.unmount())
  return { app, client, memory, canvas }
}

/** As IndexedDB keeps it: what is read later is a copy. */
export function createCanvasMemory(): CanvasStorage & { writes: CanvasWrite[] } {
  let record: CanvasRecord | null = null
  const writes: CanvasWrite[] = []
  return {
    writes,
    read: () => Promise.resolve(structuredClone(record)),
    write(change) {
      writes.push(change)
      const before = change.isOther ? null : record
      const kept = change.isWhole || before === null ? { mask: new Map(), strokes: new Map() } : before.tiles
      const tiles = {
        mask: new Map([...kept.mask, ...change.tiles.mask]),
        strokes: new Map([...kept.strokes, ...change.tiles.strokes]),
      }
      const base = change.base ?? before?.base
      if (base === undefined) throw new Error('The first record has no base.')
      const all = new Map([...(before?.steps ?? []), ...change.steps])
      const steps = new Map(change.keptSteps.map(id => [id, all.get(id)]))
      const results = change.results ?? before?.results
      record = structuredClone({ document: change.document, base, tiles, steps, results })
      return Promise.resolve()
    },
    clear() {
      record = null
      return Promise.resolve()
    },
  }
}

export function createMemory(parts: Record<string, unknown> = {}): WindowMemory & { parts: Record<string, unknown> } {
  return {
    id: 'window',
    knownIds: () => ['window'],
    parts,
    read: part => parts[part],
    write: (part, value) => void (parts[part] = JSON.parse(JSON.stringify(value))),
  }
}

export function aModel(changes: Partial<ModelSummary> = {}): ModelSummary {
  const recommended = { width: 128, height: 128, steps: 12, guidance: 4 }
  const texts = { name: 'A model', description: null, licence: null, attribution: [], examples: [], knownWords: null }
  return {
    ...{ id: 'a-model', ...texts, recommended, problem: null },
    ...{ sizeBytes: 1, sizeMultiple: 32, nativeSize: [128, 128] },
    ...{ family: 'sd1', features: [], maxClipSkip: 0, controlNets: [], vaes: [], fixedSize: null },
    ...{ samplers: [...SCHEDULERS], guidance: 'two-sided', originalSteps: 50, maxNoiseLevel: 350 },
    ...changes,
  }
}

export function aRequest(changes: Partial<GenerationRequest> = {}): GenerationRequest {
  return { ...GENERATION_DEFAULTS, model: 'a-model', prompt: 'a cat', seed: 1, ...changes }
}

export function aJob(changes: Partial<JobSnapshot> = {}): JobSnapshot {
  const times = { createdAt: 1, startedAt: null, finishedAt: null }
  const nothingYet = {
    progress: null,
    cancelling: false,
    results: [],
    skipped: [],
    cell: null,
    error: null,
    notices: [],
  }
  return { id: 'job', revision: 1, state: 'queued', request: aRequest(), ...times, ...nothingYet, ...changes }
}

export function anImage(changes: Partial<ImageRecord> = {}): ImageRecord {
  const file = { fileName: 'a.png', width: 128, height: 128, sizeBytes: 1, durationMs: 1, notices: [] }
  return { id: 'image', jobId: 'job', createdAt: 1, favourite: false, request: aRequest(), ...file, ...changes }
}
