/**
 * How a model's latents are scaled, and whether another autoencoder works in the same ones. Two autoencoders of one scaling
 * are taken for versions of one: no published pair of different latents shares it.
 */
import { FAMILY_SCALING, type LatentScaling, type ModelVerdict } from '#contract/model-verdict'
import { numberOf, type Json } from './folder-contents.ts'
import type { Reading } from './reading.ts'

const NO_SHIFT = 0

export type LatentFacts = Pick<ModelVerdict, 'latentChannels' | 'vaeFactor' | 'latentScaling'>

/** As main/pipeline/autoencoder.ts takes it: what the config says, else what diffusers' class has; without a config, the family's. */
export function latentScalingOf({ byName, facts }: Pick<Reading, 'byName' | 'facts'>): LatentScaling | null {
  const config = byName.get('vae_decoder')?.config ?? byName.get('vae_encoder')?.config ?? null
  const isSilent = config === null || (facts === null && !saysScaling(config))
  if (isSilent) return facts?.family ? { ...FAMILY_SCALING[facts.family], means: null, deviations: null } : null
  const { scale } = FAMILY_SCALING.sd1
  return {
    scale: numberOf(config, 'scaling_factor') ?? scale,
    shift: numberOf(config, 'shift_factor') ?? NO_SHIFT,
    means: numbersOf(config, 'latents_mean'),
    deviations: numbersOf(config, 'latents_std'),
  }
}

/** What Easel reads off the weights of a lone file says nothing about it; diffusers leaves its class's default out, and names the class. */
function saysScaling(config: Json): boolean {
  return config['_class_name'] !== undefined || config['scaling_factor'] !== undefined
}

function numbersOf(config: Json, key: string): number[] | null {
  const value = config[key]
  return Array.isArray(value) && value.every(number => typeof number === 'number') ? value : null
}

/** Why `other` cannot stand in for the autoencoder of `model`; null when it can. */
export function findLatentMisfit(model: LatentFacts, other: LatentFacts): string | null {
  if (other.latentChannels !== model.latentChannels)
    return `it has ${other.latentChannels} latent channels, and ${model.latentChannels} are needed`
  if (other.vaeFactor !== model.vaeFactor)
    return `it has ${other.vaeFactor} pixels a latent side, and ${model.vaeFactor} are needed`
  if (other.latentScaling === null)
    return 'nothing says how its latents are scaled: put a config.json with its scaling_factor beside it'
  if (JSON.stringify(other.latentScaling) !== JSON.stringify(model.latentScaling))
    return `its latents are scaled by ${describe(other.latentScaling)}, and those of the model by ${describe(model.latentScaling)}`
  return null
}

function describe(scaling: LatentScaling | null): string {
  if (scaling === null) return 'a number that nothing says'
  const { scale, shift, means } = scaling
  const text = shift === NO_SHIFT ? String(scale) : `${scale} with a shift of ${shift}`
  return means === null ? text : `${text} and numbers for each channel`
}
