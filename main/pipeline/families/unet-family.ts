/**
 * Everything with a U-Net: SD 1, SD 2, SDXL and its refiner, their inpainting, editing, upscaling and consistency kin.
 * They differ in the inputs that the graph asks for, and those decide here.
 */
import { AppError } from '#contract/errors'
import { createControlNet } from '../control-net.ts'
import { findFusedNets } from '../fused-control-nets.ts'
import type { Denoiser } from '../denoiser.ts'
import { configNumber, configNumbers, getPart, type JsonObject, type ModelFiles } from '../model-files.ts'
import { once, onceByName } from '../once.ts'
import {
  createClipConditioner,
  type ClipBranch,
  type ClipConditionerOptions,
  type Conditioner,
} from '../text/clip-conditioner.ts'
import { openClipBranches } from './clip-branches.ts'
import type { Family, FamilyContext, GuidanceStyle } from './family.ts'

/** Where neither config nor names tell: SD 1 and 2. */
const UNNAMED_HALVINGS = 3
/** Folder of the U-Net with inputs for residuals, beside the plain one. */
const CONTROLLED = 'unet_controlnet'

export async function openUnetFamily(context: FamilyContext): Promise<Family> {
  const { files, openDenoiser } = context
  const suffixes = ['', '_2'].filter(suffix => files.parts[`text_encoder${suffix}`])
  if (suffixes.length === 0) getPart(files, 'text_encoder')
  const branches = await openClipBranches(context, suffixes)
  const unet = await openDenoiser('unet')
  const fused = findFusedNets(unet)
  const denoiser = fused?.denoiser ?? unet
  const { config, halvings } = getPart(files, 'unet')
  const levels = configNumbers(config, 'block_out_channels')?.length ?? (halvings ?? UNNAMED_HALVINGS) + 1
  return {
    conditioner: openConditioner(files, branches, denoiser),
    denoiser,
    guidance: findGuidanceStyle(denoiser, config),
    inputChannels: configNumber(config, 'in_channels'),
    // A U-Net halves its input between levels; a side that cannot be halved so often does not come back in the right size.
    latentMultiple: 2 ** (levels - 1),
    rounding: 'down',
    schedule: steps => ({ steps }),
    controlDenoiser: once(() => (fused === null ? openDenoiser(CONTROLLED) : Promise.resolve(denoiser))),
    controlNet: onceByName(async name => fused?.net(name) ?? createControlNet(await openDenoiser(name), name)),
  }
}

function openConditioner(files: ModelFiles, branches: ClipBranch[], denoiser: Denoiser): Conditioner {
  const states = denoiser.inputs.find(input => input.name === 'encoder_hidden_states')
  if (!states) {
    throw new AppError('model-incompatible', 'unet/model.onnx has no input encoder_hidden_states.', {
      details: {
        file: 'unet/model.onnx',
        tensor: 'encoder_hidden_states',
        actual: denoiser.inputs.map(({ name }) => name),
      },
    })
  }
  const hasAdded = denoiser.inputs.some(input => input.name === 'time_ids')
  return createClipConditioner({
    branches,
    statesInput: states.name,
    fixedTokens: typeof states.shape[1] === 'number' ? states.shape[1] : null,
    added: hasAdded ? addedConditions(files, countTimeIds(files, denoiser)) : null,
  })
}

/** Zeros stand for no negative prompt, as diffusers' pipelines have it; the refiner as published does not. */
function addedConditions({ index }: ModelFiles, timeIds: 5 | 6): ClipConditionerOptions['added'] {
  const said = index?.['force_zeros_for_empty_prompt']
  return { timeIds, zerosForNoNegative: typeof said === 'boolean' ? said : index !== null || timeIds === 6 }
}

/** Five for the refiner (with an aesthetic score), six for the base; by the graph's shape, else by the index. */
function countTimeIds(files: ModelFiles, denoiser: Denoiser): 5 | 6 {
  const declared = denoiser.inputs.find(input => input.name === 'time_ids')?.shape[1]
  if (declared === 5 || declared === 6) return declared
  const said = files.index?.['requires_aesthetics_score']
  if (typeof said === 'boolean') return said ? 5 : 6
  return files.parts['text_encoder'] ? 6 : 5
}

/** `timestep_cond` of latent consistency models. */
function findGuidanceStyle(denoiser: Denoiser, config: JsonObject | null): GuidanceStyle {
  const input = denoiser.inputs.find(candidate => candidate.name === 'timestep_cond')
  if (!input) return { kind: 'two-sided' }
  const declared = input.shape[1]
  const count = typeof declared === 'number' ? declared : configNumber(config, 'time_cond_proj_dim')
  if (count !== null) return { kind: 'features', name: input.name, count }
  throw new AppError('model-incompatible', 'unet/model.onnx does not say how wide its input timestep_cond is.', {
    details: { file: 'unet/model.onnx', tensor: input.name, actual: input.shape },
  })
}
