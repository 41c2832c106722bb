/**
 * The settings of a picture as the `parameters` text of A1111's web UI, which most programs and sites read: the prompt,
 * a line with the negative prompt, a line of `Key: value` pairs.
 */
import type { Edit, Fill } from '#contract/edit'
import type { GenerationRequest } from '#contract/generation'
import { toLoraTag } from '#contract/loras'
import { SAMPLER_NAMES, SCHEDULE_NAMES } from '#contract/parameters-names'

type Pair = [string, string | number]

/** null: the web UI's own default, which it does not write. */
const FILL_NAMES: Readonly<Record<Fill, string | null>> = {
  original: null,
  blurred: 'fill',
  noise: 'latent noise',
  nothing: 'latent nothing',
}

/** Of the file itself: the size that it really has, what made it. */
interface FileFacts {
  width: number
  height: number
  appVersion: string
  modelHash?: string | undefined
  vaeHash?: string | undefined
}

/** `request` is that of one picture. */
export function toParametersText(
  request: GenerationRequest,
  { width, height, appVersion, modelHash, vaeHash }: FileFacts,
): string {
  const schedule = SCHEDULE_NAMES[request.sigmaSchedule]
  const pairs: Pair[] = [
    ['Steps', request.steps],
    ['Sampler', SAMPLER_NAMES[request.scheduler]],
    ...(schedule === null ? [] : ([['Schedule type', schedule]] as Pair[])),
    ['CFG scale', request.guidance],
    ...(request.guidanceRescale === 0 ? [] : ([['CFG Rescale', request.guidanceRescale]] as Pair[])),
    ['Seed', request.seed],
    ['Size', `${width}x${height}`],
    // Ten digits are how the web UI writes it; the whole hash stands in Easel's own chunk.
    ...(modelHash === undefined ? [] : ([['Model hash', modelHash.slice(0, 10)]] as Pair[])),
    ['Model', request.model],
    ...(vaeHash === undefined ? [] : ([['VAE hash', vaeHash.slice(0, 10)]] as Pair[])),
    ...(request.vae === undefined ? [] : ([['VAE', request.vae]] as Pair[])),
    ['RNG', request.noiseSource === 'torch-cpu' ? 'CPU' : 'GPU'],
    ...(request.variationStrength === 0
      ? []
      : ([
          ['Variation seed', request.variationSeed],
          ['Variation seed strength', request.variationStrength],
        ] as Pair[])),
    // The web UI counts from 1, which leaves none out.
    ...(request.clipSkip === 0 ? [] : ([['Clip skip', request.clipSkip + 1]] as Pair[])),
    ...(request.edit === undefined ? [] : editPairs(request.edit)),
    ...passPairs(request),
    ['Version', `Easel ${appVersion}`],
  ]
  const negative = request.negativePrompt === '' ? [] : [`Negative prompt: ${request.negativePrompt}`]
  const prompt = [request.prompt, ...(request.loras ?? []).map(toLoraTag)].join(' ')
  return [prompt, ...negative, pairs.map(([key, value]) => `${key}: ${value}`).join(', ')].join('\n')
}

/** What of an edit the web UI has a word for; Easel's own chunk has the rest. */
function editPairs({ strength, mask, pasteBlur, onlyMasked, padding, fill }: Edit): Pair[] {
  const pairs: Pair[] = [['Denoising strength', strength]]
  if (mask === null) return pairs
  const content = FILL_NAMES[fill]
  pairs.push(['Mask blur', pasteBlur])
  if (onlyMasked) pairs.push(['Inpaint area', 'Only masked'], ['Masked area padding', padding])
  if (content !== null) pairs.push(['Masked content', content])
  return pairs
}

/** Under the names of the web UI and of its extensions, so that programs which know them show them. */
function passPairs({ hires, controls = [], refiner }: GenerationRequest): Pair[] {
  const pairs: Pair[] = []
  if (hires !== undefined) {
    pairs.push(['Denoising strength', hires.strength], ['Hires upscale', hires.scale], ['Hires steps', hires.steps])
    pairs.push(['Hires upscaler', hires.from === 'latents' ? 'Latent' : 'Lanczos'])
  }
  if (refiner !== undefined) pairs.push(['Refiner', refiner.model], ['Refiner switch at', refiner.at])
  for (const [i, { net, scale, start, end, preprocessor }] of controls.entries()) {
    const facts = `Module: ${preprocessor}, Model: ${net}, Weight: ${scale}, Guidance Start: ${start}, Guidance End: ${end}`
    pairs.push([`ControlNet ${i}`, JSON.stringify(facts)])
  }
  return pairs
}
