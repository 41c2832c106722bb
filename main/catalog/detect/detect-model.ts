/**
 * The verdict on a model's folder. Pure: file sizes, parsed configs and graph headers in, what the model is and can do out.
 * The layouts that occur are Optimum's, the older diffusers scripts', Olive's and Amuse's (https://huggingface.co/docs/optimum-onnx).
 *
 *   size multiple = pixels a latent side * 2^(halvings of the U-Net), or * patch size of a transformer
 */
import type { ModelVerdict } from '#contract/model-verdict'
import { layoutNotes, titleOf, toComponent } from './describe-parts.ts'
import type { FolderContents } from './folder-contents.ts'
import { schedulerClassOf } from './missing-problems.ts'
import { featuresOf, limitsOf, sizesOf } from './model-abilities.ts'
import { findProblems, sideProblems } from './model-problems.ts'
import { latentScalingOf } from './latent-scaling.ts'
import { readFolder } from './reading.ts'
import { detectSuperResolution } from './super-resolution.ts'
import { maxClipSkip } from './text-facts.ts'

export function detectModel(contents: FolderContents): ModelVerdict {
  return detectSuperResolution(contents) ?? detectDiffusion(contents)
}

function detectDiffusion(contents: FolderContents): ModelVerdict {
  const reading = readFolder(contents)
  const { facts, parts, autoencoder, variant } = reading
  const problems = findProblems(reading)
  const usable = problems.length === 0
  const config = contents.json.get('scheduler/scheduler_config.json')
  const prediction = config?.['prediction_type']
  return {
    usable,
    family: facts?.family ?? null,
    variant,
    title: titleOf(facts?.family ?? null, variant, facts),
    components: parts.map(part => toComponent(part, contents.files)),
    layout: layoutNotes(reading),
    features: featuresOf(reading),
    maxClipSkip: facts?.family ? maxClipSkip(facts.family, reading.byName) : 0,
    latentChannels: autoencoder.latentChannels,
    vaeFactor: autoencoder.factor,
    latentScaling: latentScalingOf(reading),
    ...sizesOf(reading),
    scheduler: schedulerClassOf(contents.json),
    predictionType: typeof prediction === 'string' ? prediction : null,
    limits: usable ? [...limitsOf(reading), ...sideProblems(reading)] : [],
    problems,
  }
}
