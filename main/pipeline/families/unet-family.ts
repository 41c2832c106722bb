/**
 * Everything with a U-Net: SD 1, SD 2, SDXL and its refiner, their inpainting, editing, upscaling and consistency kin.
 * They differ in the inputs that the graph asks for, and those decide here.
 */
import { AppError } from '#contract/errors'
import { createControlNet } from '../control-net.ts'
import { createDenoiser, type Denoiser } from '../denoiser.ts'
import { configNumber, configNumbers, getPart, type ModelFiles } from '../model-files.ts'
import { once, onceByName } from '../once.ts'
import { createClipConditioner, type ClipBranch, type Conditioner } from '../text/clip-conditioner.ts'
import { openClipBranches } from './clip-branches.ts'
import type { Family, FamilyContext, GuidanceStyle } from './family.ts'

/** U-Nets without a config are SD 1 and 2 exports of the first years. */
const UNNAMED_LEVELS = 4
/** Folder of the U-Net with inputs for residuals, beside the plain one. */
const CONTROLLED = 'unet_controlnet'

export async function openUnetFamily(context: FamilyContext): Promise<Family> {
  const { files, open } = context
  const suffixes = ['', '_2'].filter(suffix => files.parts[`text_encoder${suffix}`])
  if (suffixes.length === 0) getPart(files, 'text_encoder')
  const branches = await openClipBranches(context, suffixes)
  const denoiser = createDenoiser(await open('unet'), 'unet')
  const { config } = getPart(files, 'unet')
  return {
    conditioner: openConditioner(files, branches, denoiser),
    denoiser,
    guidance: findGuidanceStyle(denoiser),
    inputChannels: configNumber(config, 'in_channels'),
    // A U-Net halves its input between levels; a side that cannot be halved so often does not come back in the right size.
    latentMultiple: 2 ** ((configNumbers(config, 'block_out_channels')?.length ?? UNNAMED_LEVELS) - 1),
    rounding: 'down',
    schedule: steps => ({ steps }),
    controlDenoiser: once(async () => createDenoiser(await open(CONTROLLED), CONTROLLED)),
    controlNet: onceByName(async name => createControlNet(createDenoiser(await open(name), name), name)),
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
    added: hasAdded
      ? {
          timeIds: countTimeIds(files, denoiser),
          zerosForNoNegative: files.index?.['force_zeros_for_empty_prompt'] === true,
        }
      : null,
  })
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
function findGuidanceStyle(denoiser: Denoiser): GuidanceStyle {
  const input = denoiser.inputs.find(candidate => candidate.name === 'timestep_cond')
  if (!input) return { kind: 'two-sided' }
  const count = input.shape[1]
  if (typeof count === 'number') return { kind: 'features', name: input.name, count }
  throw new AppError('model-incompatible', 'unet/model.onnx does not say how wide its input timestep_cond is.', {
    details: { file: 'unet/model.onnx', tensor: input.name, actual: input.shape },
  })
}
