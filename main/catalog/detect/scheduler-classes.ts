/** The scheduler classes of diffusers (https://huggingface.co/docs/diffusers/api/schedulers/overview): any other name is a mistake in a model's files. */
export const SCHEDULER_CLASSES: ReadonlySet<string> = new Set(
  [
    'AmusedScheduler CMStochasticIterativeScheduler CogVideoXDDIMScheduler CogVideoXDPMScheduler',
    'CosineDPMSolverMultistepScheduler DDIMInverseScheduler DDIMParallelScheduler DDIMScheduler DDPMParallelScheduler',
    'DDPMScheduler DDPMWuerstchenScheduler DEISMultistepScheduler DPMSolverMultistepInverseScheduler',
    'DPMSolverMultistepScheduler DPMSolverSDEScheduler DPMSolverSinglestepScheduler EDMDPMSolverMultistepScheduler',
    'EDMEulerScheduler EulerAncestralDiscreteScheduler EulerDiscreteScheduler FlowMatchEulerDiscreteScheduler',
    'FlowMatchHeunDiscreteScheduler FlowMatchLCMScheduler HeunDiscreteScheduler IPNDMScheduler',
    'KDPM2AncestralDiscreteScheduler KDPM2DiscreteScheduler KarrasVeScheduler LCMScheduler LMSDiscreteScheduler',
    'PNDMScheduler RePaintScheduler SASolverScheduler SCMScheduler ScoreSdeVeScheduler ScoreSdeVpScheduler TCDScheduler',
    'UnCLIPScheduler UniPCMultistepScheduler VQDiffusionScheduler',
  ].flatMap(line => line.split(' ')),
)
