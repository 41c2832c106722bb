/** Why a model cannot be used, the most telling first, and what is wrong with parts that no picture needs. */
import type { ErrorPayload } from '#contract/errors'
import type { DenoiserFacts } from './denoiser-facts.ts'
import { findFitProblems } from './fit-problems.ts'
import { graphFileOf, type FolderContents, type Part } from './folder-contents.ts'
import { findGraphProblems, problem } from './graph-problems.ts'
import { missingDenoiser, missingGraph, missingTextParts, nestedModels, schedulerProblem } from './missing-problems.ts'
import type { Reading } from './reading.ts'
import { roleProblems } from './role-problems.ts'

/** The most telling first: damaged files, what is missing, what the runtime refuses, what does not fit. */
export function findProblems(reading: Reading): ErrorPayload[] {
  const { contents, parts, denoiser, facts } = reading
  const family = facts?.family ?? null
  const graphs = parts.filter(({ name }) => isEssential(name)).flatMap(part => graphProblems(part, contents))
  const damaged = contents.damaged.filter(found => isEssential(partOf(found)))
  const isDenoiserThere = ['unet', 'transformer'].some(
    part => graphFileOf(contents.files, part) !== null || contents.written.has(part),
  )
  const nested = isDenoiserThere ? null : nestedModels(contents)
  if (nested !== null) return [nested]
  if (!isDenoiserThere && parts.length === 0 && damaged.length === 0) return [missingDenoiser(contents)]
  const missing = [
    isDenoiserThere ? null : missingDenoiser(contents),
    missingGraph(contents, 'vae_decoder'),
    schedulerProblem(contents),
  ].filter(found => found !== null)
  const all = [...damaged, ...missing, ...(family === null ? [] : missingTextParts(contents, family)), ...graphs]
  if (denoiser === null || facts === null) return all
  return [...all, ...fitProblems(reading, denoiser, facts)]
}

/** What is wrong with parts that a picture does not need: ControlNets, safety checkers. */
export function sideProblems({ contents, parts }: Reading): string[] {
  const graphs = parts.filter(({ name }) => !isEssential(name)).flatMap(part => graphProblems(part, contents))
  const damaged = contents.damaged.filter(found => !isEssential(partOf(found)))
  return [...damaged, ...graphs].map(found => `${partOf(found)} cannot be used: ${found.message}`)
}

function graphProblems(part: Part, { files }: FolderContents): ErrorPayload[] {
  return [...roleProblems(part), ...findGraphProblems(part, files)]
}

/** Parts without which no picture can be made; '' are the files beside the parts. */
function isEssential(part: string): boolean {
  return /^(unet|transformer|text_encoder(_\d+)?|tokenizer(_\d+)?|vae_decoder|vae_encoder|scheduler|)$/.test(part)
}

/** Folder of the file that a problem names. */
function partOf({ details }: ErrorPayload): string {
  const file = details?.['file']
  return typeof file === 'string' && file.includes('/') ? file.slice(0, file.indexOf('/')) : ''
}

function fitProblems(reading: Reading, denoiser: Part, facts: DenoiserFacts): ErrorPayload[] {
  const { family } = facts
  const { file } = denoiser
  if (family === null) {
    const actual = denoiser.header.inputs.map(({ name }) => name).join(', ')
    const message = `${file} is a network that Easel does not know: its inputs are ${actual}.`
    const expected = 'sample, timestep, encoder_hidden_states, or the inputs of SD3 or FLUX'
    return [problem('model-incompatible', message, { file, expected, actual })]
  }
  const { contents, autoencoder, byName, variant } = reading
  const fit = findFitProblems({ family, denoiser, facts, autoencoder, parts: byName, highestIds: contents.highestIds })
  const channels = autoencoder.latentChannels
  if (variant !== null || channels === null || facts.inChannels === null) return fit
  const message = `${file} takes ${facts.inChannels} channels; with ${channels} latent channels Easel knows ${channels}, ${2 * channels} (instruct), ${2 * channels + 1} (inpaint) and ${channels + 3} (upscaler).`
  const tensor = family === 'sd3' || family === 'flux' ? 'hidden_states' : 'sample'
  return [
    ...fit,
    problem('model-incompatible', message, { file, tensor, expected: channels, actual: facts.inChannels }),
  ]
}
