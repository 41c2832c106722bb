/**
 * What to begin with for a model whose manifest says nothing: its own sampler, the size that it was trained at, and the
 * steps and guidance that diffusers' pipelines take for its kind (docs: api/pipelines). Pure.
 */
import { LIMITS, type RecommendedSettings, type SchedulerId } from '#contract/generation'
import type { ModelVerdict } from '#contract/model-verdict'

/** The sampler that equals the class which a model's scheduler config names. */
const SCHEDULER_OF_CLASS: Readonly<Record<string, SchedulerId>> = {
  CMStochasticIterativeScheduler: 'consistency',
  DDIMScheduler: 'ddim',
  DDPMScheduler: 'ddpm',
  DEISMultistepScheduler: 'deis',
  DPMSolverMultistepScheduler: 'dpmpp-2m',
  DPMSolverSDEScheduler: 'dpmpp-sde',
  DPMSolverSinglestepScheduler: 'dpmpp-2s',
  EDMDPMSolverMultistepScheduler: 'edm-dpmpp-2m',
  EDMEulerScheduler: 'edm-euler',
  EulerAncestralDiscreteScheduler: 'euler-ancestral',
  EulerDiscreteScheduler: 'euler',
  FlowMatchEulerDiscreteScheduler: 'flow-match-euler',
  FlowMatchHeunDiscreteScheduler: 'flow-match-heun',
  FlowMatchLCMScheduler: 'flow-match-lcm',
  HeunDiscreteScheduler: 'heun',
  IPNDMScheduler: 'ipndm',
  KDPM2AncestralDiscreteScheduler: 'kdpm2-ancestral',
  KDPM2DiscreteScheduler: 'kdpm2',
  LCMScheduler: 'lcm',
  LMSDiscreteScheduler: 'lms',
  PNDMScheduler: 'pndm',
  SASolverScheduler: 'sa-solver',
  TCDScheduler: 'tcd',
  UniPCMultistepScheduler: 'unipc',
}

/** The sampler that equals the model's own scheduler; null where it names none that is known. */
export function samplerOfModel({ scheduler }: Pick<ModelVerdict, 'scheduler'>): SchedulerId | null {
  return scheduler === null ? null : (SCHEDULER_OF_CLASS[scheduler] ?? null)
}

/** FLUX has no size in its configs; it was trained around this. */
const FLUX_SIZE: [number, number] = [1024, 1024]

export function recommendSettings(verdict: ModelVerdict): RecommendedSettings {
  const scheduler = samplerOfModel(verdict) ?? undefined
  const size = verdict.fixedSize ?? verdict.nativeSize ?? (verdict.family === 'flux' ? FLUX_SIZE : null)
  return { ...(scheduler === undefined ? {} : { scheduler }), ...sizeOf(size), ...stepsOf(verdict) }
}

/** Only a size that a request may have. */
function sizeOf(size: readonly [number, number] | null): RecommendedSettings {
  const { min, max, step } = LIMITS.size
  const isAllowed = size?.every(side => side >= min && side <= max && side % step === 0) === true
  return size !== null && isAllowed ? { height: size[0], width: size[1] } : {}
}

function stepsOf({ family, layout, scheduler }: ModelVerdict): RecommendedSettings {
  const isDistilled = layout.includes('guidance-embedding')
  switch (family) {
    case 'flux':
      return isDistilled ? { steps: 28, guidance: 3.5 } : { steps: 4, guidance: 0 }
    case 'sd3':
      return { steps: 28, guidance: 7 }
    case 'sdxl':
    case 'sdxl-refiner':
      return { steps: 30, guidance: 5 }
    case 'sd1':
    case 'sd2':
    case null:
      return isDistilled || scheduler === 'LCMScheduler' ? { steps: 4, guidance: isDistilled ? 8.5 : 1 } : {}
  }
}
