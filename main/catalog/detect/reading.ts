/** Everything that the parts of detection look at, read once from the folder's contents. */
import type { ModelVariant } from '#contract/model-verdict'
import { readAutoencoderFacts, type AutoencoderFacts } from './autoencoder-facts.ts'
import { findControlPieces, type ControlPieces } from './control-nets.ts'
import { readDenoiserFacts, variantOf, type DenoiserFacts } from './denoiser-facts.ts'
import { findInput, partsOf, type FolderContents, type Part } from './folder-contents.ts'

export interface Reading {
  contents: FolderContents
  parts: readonly Part[]
  byName: ReadonlyMap<string, Part>
  denoiser: Part | null
  facts: DenoiserFacts | null
  autoencoder: AutoencoderFacts
  control: ControlPieces
  variant: ModelVariant | null
}

export function readFolder(contents: FolderContents): Reading {
  const parts = partsOf(contents)
  const byName = new Map(parts.map(part => [part.name, part]))
  const denoiser = byName.get('unet') ?? byName.get('transformer') ?? null
  const facts = denoiser === null ? null : readDenoiserFacts(denoiser)
  const autoencoder = readAutoencoderFacts(byName.get('vae_decoder') ?? null, byName.get('vae_encoder') ?? null)
  const control = findControlPieces(parts)
  const channels = autoencoder.latentChannels ?? facts?.outChannels ?? null
  const hasLabels = denoiser !== null && findInput(denoiser, 'class_labels') !== undefined
  const variant =
    facts === null || channels === null
      ? control.nets.length > 0 && facts === null
        ? 'controlnet'
        : null
      : variantOf(facts, channels, hasLabels)
  return { contents, parts, byName, denoiser, facts, autoencoder, control, variant }
}
