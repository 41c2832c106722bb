/** SD 3 and FLUX: rectified flows with a transformer, told apart by the inputs of its graph. */
import { AppError } from '#contract/errors'
import type { Denoiser } from '../denoiser.ts'
import { createFluxDenoiser } from '../flux-denoiser.ts'
import { shiftOfTokens } from '../flux-latents.ts'
import { configNumber, getPart, type JsonObject } from '../model-files.ts'
import type { SetTimesteps } from '../schedulers/scheduler.ts'
import { createFluxConditioner } from '../text/flux-conditioner.ts'
import { createSd3Conditioner } from '../text/sd3-conditioner.ts'
import { openClipBranches, openT5Branch } from './clip-branches.ts'
import type { Family, FamilyContext } from './family.ts'

/** Both see blocks of 2 x 2 latents. */
const PATCH = 2
/** Sequence lengths that the models were trained with: dev (with an input for guidance) and schnell. */
export const FLUX_TOKENS = { guided: 512, distilled: 256 }
/** diffusers' defaults of the scheduler. */
const SHIFT_DEFAULTS = { base_image_seq_len: 256, max_image_seq_len: 4096, base_shift: 0.5, max_shift: 1.15 }

export async function openTransformerFamily(context: FamilyContext): Promise<Family> {
  const denoiser = await context.openDenoiser('transformer')
  const isFlux = denoiser.inputs.some(input => input.name === 'img_ids')
  return isFlux ? openFlux(context, denoiser) : openSd3(context, denoiser)
}

async function openSd3(context: FamilyContext, denoiser: Denoiser): Promise<Family> {
  const { files } = context
  const { config } = getPart(files, 'transformer')
  const declared = denoiser.inputs.find(input => input.name === 'encoder_hidden_states')?.shape[2]
  const width = typeof declared === 'number' ? declared : configNumber(config, 'joint_attention_dim')
  if (width === null) {
    throw new AppError(
      'model-incompatible',
      'transformer/config.json does not say joint_attention_dim, and the graph leaves it open.',
      {
        details: { file: 'transformer/config.json', tensor: 'encoder_hidden_states' },
      },
    )
  }
  const clip = await openClipBranches(context, ['', '_2'])
  const t5 = files.parts['text_encoder_3'] ? await openT5Branch(context, '_3') : null
  const patch = configNumber(config, 'patch_size') ?? PATCH
  return {
    conditioner: createSd3Conditioner({ clip, t5, width }),
    denoiser,
    guidance: { kind: 'two-sided' },
    inputChannels: configNumber(config, 'in_channels'),
    latentMultiple: patch,
    rounding: 'up',
    schedule: (steps, dims) => ({ steps, ...dynamicShift(files.schedulerConfig, dims, patch) }),
    ...WITHOUT_CONTROL,
  }
}

async function openFlux(context: FamilyContext, inner: Denoiser): Promise<Family> {
  const { files, latentChannels } = context
  const hasGuidance = inner.inputs.some(input => input.name === 'guidance')
  const [clip] = await openClipBranches(context, [''])
  const t5 = await openT5Branch(context, '_2')
  return {
    conditioner: createFluxConditioner({
      clip,
      t5,
      t5Tokens: hasGuidance ? FLUX_TOKENS.guided : FLUX_TOKENS.distilled,
    }),
    denoiser: createFluxDenoiser(inner, latentChannels),
    guidance: hasGuidance ? { kind: 'number', name: 'guidance' } : { kind: 'none' },
    inputChannels: latentChannels,
    latentMultiple: PATCH,
    rounding: 'up',
    schedule: (steps, dims) => ({ sigmas: evenSigmas(steps), ...dynamicShift(files.schedulerConfig, dims, PATCH) }),
    ...WITHOUT_CONTROL,
  }
}

/** 1, ..., 1 / steps */
function evenSigmas(steps: number): number[] {
  return Array.from({ length: steps }, (_, i) => (steps === 1 ? 1 : 1 + (i * (1 / steps - 1)) / (steps - 1)))
}

/** mu, where the scheduler's config asks for a shift that grows with the picture. */
function dynamicShift(config: JsonObject | null, dims: readonly number[], patch: number): Pick<SetTimesteps, 'mu'> {
  if (config?.['use_dynamic_shifting'] !== true) return {}
  const tokens = (dims[2] / patch) * (dims[3] / patch)
  const value = (key: keyof typeof SHIFT_DEFAULTS): number => configNumber(config, key) ?? SHIFT_DEFAULTS[key]
  const range = {
    baseTokens: value('base_image_seq_len'),
    maxTokens: value('max_image_seq_len'),
    baseShift: value('base_shift'),
    maxShift: value('max_shift'),
  }
  return { mu: shiftOfTokens(tokens, range) }
}

const WITHOUT_CONTROL: Pick<Family, 'controlDenoiser' | 'controlNet'> = {
  controlDenoiser: () => Promise.reject(noControl()),
  controlNet: () => Promise.reject(noControl()),
}

function noControl(): AppError {
  return new AppError('model-incompatible', 'ControlNets for models with a transformer cannot be used.')
}
