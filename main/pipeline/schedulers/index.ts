/** The samplers by id and by the name of the diffusers class that each equals. */
import { AppError } from '#contract/errors'
import type { SchedulerId } from '#contract/generation'
import { showValue } from '#contract/parse'
import { Consistency } from './consistency.ts'
import { DdimInverse } from './ddim-inverse.ts'
import { Ddim } from './ddim.ts'
import { Ddpm } from './ddpm.ts'
import { Deis } from './deis.ts'
import { DpmppInverse } from './dpmpp-inverse.ts'
import { DpmppMultistep } from './dpmpp-multistep.ts'
import { DpmppSde } from './dpmpp-sde.ts'
import { DpmppSinglestep } from './dpmpp-singlestep.ts'
import { EdmDpmpp } from './edm-dpmpp.ts'
import { EdmEuler } from './edm-euler.ts'
import { EulerAncestral } from './euler-ancestral.ts'
import { Euler } from './euler.ts'
import { FlowMatchEuler } from './flow-match-euler.ts'
import { FlowMatchHeun } from './flow-match-heun.ts'
import { FlowMatchLcm } from './flow-match-lcm.ts'
import { Heun } from './heun.ts'
import { Ipndm } from './ipndm.ts'
import { Kdpm2Ancestral } from './kdpm2-ancestral.ts'
import { Kdpm2 } from './kdpm2.ts'
import { Lcm } from './lcm.ts'
import { Lms } from './lms.ts'
import { Pndm } from './pndm.ts'
import { SaSolver } from './sa-solver.ts'
import type { SamplerOptions, Scheduler, SchedulerConfig } from './scheduler.ts'
import { ScoreSdeVe } from './score-sde-ve.ts'
import { Tcd } from './tcd.ts'
import { UnClip } from './unclip.ts'
import { UniPc } from './unipc.ts'

type SamplerClass = new (config: SchedulerConfig, options?: SamplerOptions, className?: string) => Scheduler

const CLASSES = {
  CMStochasticIterativeScheduler: Consistency,
  DDIMScheduler: Ddim,
  DDIMInverseScheduler: DdimInverse,
  DDIMParallelScheduler: Ddim,
  DDPMScheduler: Ddpm,
  DDPMParallelScheduler: Ddpm,
  DEISMultistepScheduler: Deis,
  DPMSolverMultistepInverseScheduler: DpmppInverse,
  DPMSolverMultistepScheduler: DpmppMultistep,
  DPMSolverSDEScheduler: DpmppSde,
  DPMSolverSinglestepScheduler: DpmppSinglestep,
  EDMDPMSolverMultistepScheduler: EdmDpmpp,
  EDMEulerScheduler: EdmEuler,
  EulerAncestralDiscreteScheduler: EulerAncestral,
  EulerDiscreteScheduler: Euler,
  FlowMatchEulerDiscreteScheduler: FlowMatchEuler,
  FlowMatchHeunDiscreteScheduler: FlowMatchHeun,
  FlowMatchLCMScheduler: FlowMatchLcm,
  HeunDiscreteScheduler: Heun,
  IPNDMScheduler: Ipndm,
  KDPM2AncestralDiscreteScheduler: Kdpm2Ancestral,
  KDPM2DiscreteScheduler: Kdpm2,
  LCMScheduler: Lcm,
  LMSDiscreteScheduler: Lms,
  PNDMScheduler: Pndm,
  SASolverScheduler: SaSolver,
  ScoreSdeVeScheduler: ScoreSdeVe,
  TCDScheduler: Tcd,
  UnCLIPScheduler: UnClip,
  UniPCMultistepScheduler: UniPc,
} satisfies Record<string, SamplerClass>
export type SchedulerClassName = keyof typeof CLASSES

/** The class behind each id that a user can choose. */
const CLASS_OF_ID = {
  ddim: 'DDIMScheduler',
  euler: 'EulerDiscreteScheduler',
  'euler-ancestral': 'EulerAncestralDiscreteScheduler',
  'dpmpp-2m': 'DPMSolverMultistepScheduler',
  'dpmpp-2m-sde': 'DPMSolverMultistepScheduler',
  'dpmpp-3m': 'DPMSolverMultistepScheduler',
  'dpmpp-2s': 'DPMSolverSinglestepScheduler',
  'dpmpp-sde': 'DPMSolverSDEScheduler',
  unipc: 'UniPCMultistepScheduler',
  deis: 'DEISMultistepScheduler',
  heun: 'HeunDiscreteScheduler',
  kdpm2: 'KDPM2DiscreteScheduler',
  'kdpm2-ancestral': 'KDPM2AncestralDiscreteScheduler',
  lms: 'LMSDiscreteScheduler',
  pndm: 'PNDMScheduler',
  ddpm: 'DDPMScheduler',
  'sa-solver': 'SASolverScheduler',
  lcm: 'LCMScheduler',
  tcd: 'TCDScheduler',
  ipndm: 'IPNDMScheduler',
  'edm-euler': 'EDMEulerScheduler',
  'edm-dpmpp-2m': 'EDMDPMSolverMultistepScheduler',
  consistency: 'CMStochasticIterativeScheduler',
  'flow-match-euler': 'FlowMatchEulerDiscreteScheduler',
  'flow-match-heun': 'FlowMatchHeunDiscreteScheduler',
  'flow-match-lcm': 'FlowMatchLCMScheduler',
} as const satisfies Record<SchedulerId, SchedulerClassName>

/** What makes one class several samplers. */
export const SAMPLER_VARIANTS: Partial<Record<SchedulerId, SchedulerConfig>> = {
  'dpmpp-2m': { algorithm_type: 'dpmsolver++', solver_order: 2 },
  'dpmpp-2m-sde': { algorithm_type: 'sde-dpmsolver++', solver_order: 2 },
  'dpmpp-3m': { algorithm_type: 'dpmsolver++', solver_order: 3 },
}

/**
 * `config`: a parsed `scheduler_config.json`, possibly written for another class; throws `model-incompatible` for a wrong
 * field of it and `invalid-input` for a wrong option. Fields that the config sets win over the variant that `id` names:
 * config-for.ts is where a user's choice wins over a model's config.
 */
export function createScheduler(id: SchedulerId, config: SchedulerConfig, options: SamplerOptions = {}): Scheduler {
  return createSchedulerOfClass(CLASS_OF_ID[id], { ...SAMPLER_VARIANTS[id], ...config }, options)
}

/** By the name of the diffusers class; also those that no user chooses, such as the inverse samplers. */
export function createSchedulerOfClass(
  className: string,
  config: SchedulerConfig,
  options: SamplerOptions = {},
): Scheduler {
  if (!isClassName(className)) throw unknownClass(className, Object.keys(CLASSES))
  return new CLASSES[className](config, options, className)
}

/** `_class_name` of a scheduler config -> the sampler to offer for it; throws `model-incompatible` for unknown ones. */
export function schedulerIdOfClass(className: string): SchedulerId {
  const direct = idOf(className) ?? (isClassName(className) ? idOfSameSampler(className) : undefined)
  if (direct === undefined)
    throw unknownClass(
      className,
      ids().map(id => CLASS_OF_ID[id]),
    )
  return direct
}

function idOf(className: string): SchedulerId | undefined {
  return ids().find(id => CLASS_OF_ID[id] === className)
}

/** The same for a whole config, whose fields tell the samplers of one class apart. */
export function schedulerIdOfConfig(config: SchedulerConfig): SchedulerId {
  const id = schedulerIdOfClass(typeof config._class_name === 'string' ? config._class_name : '')
  if (id !== 'dpmpp-2m') return id
  if (String(config.algorithm_type).startsWith('sde-')) return 'dpmpp-2m-sde'
  return config.solver_order === 3 ? 'dpmpp-3m' : id
}

/** "Parallel" classes compute what their plain ones do. */
function idOfSameSampler(className: SchedulerClassName): SchedulerId | undefined {
  return ids().find(id => CLASSES[CLASS_OF_ID[id]] === CLASSES[className])
}

function ids(): SchedulerId[] {
  return Object.keys(CLASS_OF_ID) as SchedulerId[]
}

function isClassName(className: string): className is SchedulerClassName {
  return className in CLASSES
}

function unknownClass(className: string, known: readonly string[]): AppError {
  const message = `The scheduler class ${showValue(className)} cannot be used; usable: ${known.join(', ')}.`
  return new AppError('model-incompatible', message, { details: { className, known } })
}
