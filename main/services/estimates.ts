/** Estimates from measurements: every finished image adds what it took, and a request is told what such images took before. */
import type { Estimate, ImageCost } from '#contract/estimate'
import { resolveRequest, type GenerationInput, type GenerationRequest } from '#contract/generation'
import type { Settings } from '#contract/settings'
import type { Engine } from '#engine/engine'
import type { MeasurementStore } from '#storage/measurement-store'
import type { ModelsService } from './models.ts'
import { namesOf, planCost, valueAt, type CostPlan } from './cost-plan.ts'

/** How the engine is set; another setting takes another time. */
type EngineSettings = Pick<Settings, 'provider' | 'threads' | 'memoryMb'>

export interface EstimatesOptions {
  store: MeasurementStore
  settings: () => Settings
  models: Pick<ModelsService, 'choose' | 'findHash'>
}

export interface Estimates {
  /** What one image of a request has taken; `model` is its model's hash. */
  record(request: GenerationRequest, model: string, settings: EngineSettings, cost: ImageCost): void
  estimate(inputs: readonly GenerationInput[]): Promise<Estimate>
  /** An engine that tells when it drops its model: the next job loads it. */
  watch(engine: Pick<Engine, 'unload'>): Pick<Engine, 'unload'>
}

interface Place {
  model: string
  engine: string
}

/** Loading has no size. */
const ANY_SIZE = { width: 0, height: 0 }

export function createEstimates({ store, settings, models }: EstimatesOptions): Estimates {
  /** The model in memory, and how the engine was set for it. */
  let loaded: string | null = null

  function measuredFor(place: Place, { passes, call, around }: CostPlan, images: number): Estimate {
    const look = (what: string, size: { width: number; height: number }) =>
      valueAt(store.list({ ...place, what }), size)
    const last = passes[passes.length - 1]
    const perImage = sum([look(around, last), ...passes.map(pass => times(pass.calls, look(call, pass)))])
    return { seconds: times(images, perImage), peakBytes: look(`peak ${around}`, last) }
  }

  /** `inMemory` is what the engine holds before this request. */
  async function estimateOne(input: GenerationInput, inMemory: string | null) {
    const current = settings()
    const { folder, summary } = await models.choose(input.model, current.defaultModel)
    const request = resolveRequest(input, summary, () => 0)
    const model = await models.findHash(folder)
    // Never used here, so that nothing was measured either.
    if (model === null) return { seconds: null, peakBytes: null, key: null }
    const place = { model, engine: engineOf(current) }
    const key = keyOf(place)
    const load = key === inMemory ? 0 : valueAt(store.list({ ...place, what: 'load' }), ANY_SIZE)
    const { seconds, peakBytes } = measuredFor(place, planCost(request, summary), request.images)
    return { seconds: sum([seconds, load]), peakBytes, key }
  }

  return {
    record(request, model, engineSettings, { passes, aroundMs, loadMs, peakBytes }) {
      const place = { model, engine: engineOf(engineSettings) }
      const { call, around } = namesOf(request)
      loaded = keyOf(place)
      if (loadMs !== null) store.add({ ...place, what: 'load' }, { ...ANY_SIZE, value: loadMs / 1000 })
      const sizes = bySize(passes)
      const last = sizes.at(-1)
      if (last === undefined) return
      for (const { width, height, calls, ms } of sizes)
        store.add({ ...place, what: call }, { width, height, value: ms / calls / 1000 })
      const { width, height } = last
      store.add({ ...place, what: around }, { width, height, value: aroundMs / 1000 })
      if (peakBytes !== null) store.add({ ...place, what: `peak ${around}` }, { width, height, value: peakBytes })
    },
    async estimate(inputs) {
      let inMemory = loaded
      const all: Estimate[] = []
      for (const input of inputs) {
        const { key, ...estimate } = await estimateOne(input, inMemory)
        all.push(estimate)
        inMemory = key
      }
      const peaks = all.map(({ peakBytes }) => peakBytes).filter(peak => peak !== null)
      return {
        seconds: sum(all.map(({ seconds }) => seconds)),
        peakBytes: peaks.length === all.length ? Math.max(...peaks) : null,
      }
    },
    watch: engine => ({
      unload() {
        loaded = null
        return engine.unload()
      },
    }),
  }
}

function engineOf({ provider, threads, memoryMb }: EngineSettings): string {
  return `${provider === 'auto' ? 'cpu' : provider}, ${threads} threads, ${memoryMb} MB`
}

function keyOf({ model, engine }: Place): string {
  return `${model} ${engine}`
}

/** A refiner's pass is of the same size as the one before it; a call is then a mean of both. In the order of the passes. */
function bySize(passes: ImageCost['passes']): ImageCost['passes'] {
  const sizes = new Map<string, ImageCost['passes'][number]>()
  for (const { width, height, calls, ms } of passes) {
    const known = sizes.get(`${width}x${height}`) ?? { width, height, calls: 0, ms: 0 }
    sizes.set(`${width}x${height}`, { width, height, calls: known.calls + calls, ms: known.ms + ms })
  }
  return [...sizes.values()]
}

/** null as soon as one is. */
function sum(values: readonly (number | null)[]): number | null {
  let total = 0
  for (const value of values) {
    if (value === null) return null
    total += value
  }
  return total
}

function times(count: number, value: number | null): number | null {
  return value === null ? null : value * count
}
