/** What a request asks of the engine, in the terms in which costs are measured. Pure. */
import { callsOf } from '#contract/estimate'
import type { GenerationRequest } from '#contract/generation'
import type { ModelSummary } from '#contract/models'
import { hiresSizeOf } from '#contract/passes'
import type { Measurement } from '#storage/measurement-store'

export interface PlannedPass {
  width: number
  height: number
  calls: number
}

export interface CostPlan {
  /** Of one image, in their order. */
  passes: PlannedPass[]
  /** What one call is beside its size: how often the network runs in it, and what runs beside it. */
  call: string
  /** What is done around the calls: pictures that come in, other models. */
  around: string
}

/** What a call of the engine for this request is called where costs are kept. */
export function namesOf({
  guidance,
  trueGuidance = 1,
  controls = [],
  refiner,
  edit,
  hires,
  vae,
}: GenerationRequest): Pick<CostPlan, 'call' | 'around'> {
  const parts = [
    guidance > 1 ? 'guided' : 'plain',
    ...(trueGuidance > 1 ? ['truly guided'] : []),
    ...(controls.length > 0 ? [`controls ${controls.length}`] : []),
    ...(refiner === undefined ? [] : [`refined by ${refiner.model} at ${refiner.at}`]),
  ]
  const call = parts.join(', ')
  const start = edit === undefined ? 'words' : edit.mask === null ? 'picture' : 'mask'
  const way = `${start}${hires === undefined ? '' : ' enlarged'}${vae === undefined ? '' : ` by ${vae}`}`
  return { call: `call ${call}`, around: `${way}, ${call}` }
}

export function planCost(
  request: GenerationRequest,
  model: Pick<ModelSummary, 'sizeMultiple' | 'fixedSize'>,
): CostPlan {
  const { width, height, steps, scheduler, hires, edit } = request
  const first = { ...rendered({ width, height }, model), calls: callsWithin(scheduler, steps, edit?.strength ?? 1) }
  const passes = [first]
  if (hires !== undefined) {
    const calls = callsWithin(scheduler, hires.steps, hires.strength)
    passes.push({ ...rendered(hiresSizeOf(first, hires), model), calls })
  }
  return { passes, ...namesOf(request) }
}

/** The last part of the steps, as image to image runs them. */
function callsWithin(scheduler: GenerationRequest['scheduler'], steps: number, strength: number): number {
  return callsOf(scheduler, Math.max(1, Math.min(steps, Math.floor(steps * strength))))
}

/** What the model's graphs can do, of which the picture is cropped. */
function rendered(
  { width, height }: { width: number; height: number },
  model: Pick<ModelSummary, 'sizeMultiple' | 'fixedSize'>,
) {
  if (model.fixedSize !== null) return { height: model.fixedSize[0], width: model.fixedSize[1] }
  const up = (side: number): number => Math.ceil(side / model.sizeMultiple) * model.sizeMultiple
  return { width: up(width), height: up(height) }
}

/** By area, on the line between the next smaller and the next larger size that were measured; null beyond them: nobody knows. */
export function valueAt(measured: readonly Measurement[], size: { width: number; height: number }): number | null {
  const exact = measured.find(({ width, height }) => width === size.width && height === size.height)
  if (exact !== undefined) return exact.value
  const area = size.width * size.height
  const points = measured.map(({ width, height, value }) => ({ area: width * height, value }))
  const below = points.filter(point => point.area <= area).sort((a, b) => b.area - a.area)[0]
  const above = points.filter(point => point.area >= area).sort((a, b) => a.area - b.area)[0]
  if (below === undefined || above === undefined) return null
  if (above.area === below.area) return below.value
  return below.value + ((above.value - below.value) * (area - below.area)) / (above.area - below.area)
}
