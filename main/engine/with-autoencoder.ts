/** A model's files with the autoencoder of another folder. Whether the two fit was checked when the job was taken. */
import { getPart, type ModelFiles } from '#pipeline/model-files'
import { readModelFiles } from './read-model.ts'

/**
 * `folder` (absolute) is a model's or holds nothing but an autoencoder. One without an encoder leaves the model its own:
 * both work in the same latents. Throws what reading a model throws.
 */
export async function withAutoencoder(model: ModelFiles, folder: string): Promise<ModelFiles> {
  const other = await readModelFiles(folder)
  const decoder = getPart(other, 'vae_decoder')
  const encoder = other.parts['vae_encoder'] ?? model.parts['vae_encoder']
  return {
    ...model,
    parts: { ...model.parts, vae_decoder: decoder, ...(encoder && { vae_encoder: encoder }) },
  }
}
