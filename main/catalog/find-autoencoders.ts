/**
 * The autoencoders that a model may use instead of its own: those of the other models, and those that lie alone in the folder
 * `vae` (a folder each: an ONNX export's `vae_decoder`, or a `.safetensors` file with a `config.json`). Read from headers only.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ErrorPayload } from '#contract/errors'
import { findLatentMisfit, type LatentFacts } from './detect/latent-scaling.ts'
import { toId } from './judge-model.ts'
import { readModelFacts } from './model-facts.ts'
import { lookInto, type FoundModel, type LookCache } from './find-models.ts'

export interface FoundAutoencoder {
  id: string
  /** Absolute. */
  folder: string
  latents: LatentFacts
  /** Why it cannot be used with any model; null when it can. */
  problem: string | null
  /** See `sampleDecoder`. */
  decoder: string | null
}

/** `folder` is absolute; a model's autoencoder goes by the model's id. The first of an id is found. */
export async function findAutoencoders(
  models: readonly FoundModel[],
  folder: string,
  looks: LookCache,
): Promise<FoundAutoencoder[]> {
  const ofModels = models
    .filter(({ summary, latents }) => summary.problem === null && latents.latentChannels !== null)
    .map(({ summary, ...found }) => ({ ...found, id: summary.id, problem: null }))
  const alone: FoundAutoencoder[] = []
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    if (!entry.isDirectory() && !entry.isSymbolicLink()) continue
    const found = await findAutoencoder(join(folder, entry.name), toId(entry.name), looks)
    if (found !== null) alone.push(found)
  }
  return [...ofModels, ...alone.sort((a, b) => (a.id < b.id ? -1 : 1))]
}

/** null where the folder cannot be read: it may be a link that leads nowhere. */
async function findAutoencoder(folder: string, id: string, looks: LookCache): Promise<FoundAutoencoder | null> {
  const facts = await readModelFacts(folder).catch(() => null)
  if (facts === null) return null
  const { verdict, decoder } = await lookInto(folder, facts, looks)
  const hasDecoder = verdict.components.some(({ name }) => name === 'vae_decoder')
  const problem = hasDecoder ? null : noDecoder(verdict.problems)
  return { id, folder, latents: verdict, problem, decoder }
}

function noDecoder(problems: readonly ErrorPayload[]): string {
  const damage = problems.find(({ code }) => code === 'model-corrupt')
  return damage?.message ?? 'it has neither vae_decoder/model.onnx nor a .safetensors file with an autoencoder'
}

/** Ids of those that fit a model, its own and copies of it left out. */
export function fittingIds(model: FoundModel, all: readonly FoundAutoencoder[]): string[] {
  if (model.summary.problem !== null || model.latents.latentChannels === null) return []
  return all
    .filter(({ id, problem, latents, decoder }) => {
      const isOwn = id === model.summary.id || (decoder !== null && decoder === model.decoder)
      return !isOwn && problem === null && findLatentMisfit(model.latents, latents) === null
    })
    .map(({ id }) => id)
}

/** Why the autoencoder of this id cannot be used with the model, as a sentence's end; null when it can. */
export function whyNot(model: FoundModel, id: string, all: readonly FoundAutoencoder[]): string | null {
  const found = all.find(other => other.id === id)
  if (found === undefined) return 'there is no autoencoder of that name'
  return found.problem ?? findLatentMisfit(model.latents, found.latents)
}
