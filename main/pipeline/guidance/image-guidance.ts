/**
 * Guidance with two scales for models that edit a picture by instruction (InstructPix2Pix): how much the instruction
 * counts, and how much the picture does.
 *   e = e(0, 0) + s_I (e(0, I) - e(0, 0)) + s_T (e(T, I) - e(0, I))
 * Brooks et al. 2023, arXiv 2211.09800, equation 3; batch order text, image, unconditional as in diffusers.
 */
import { checkScale, isGuided, scaleAt, type Guidance, type ScaleSchedule, type Side } from './guidance.ts'

const { fround } = Math
const ALL: readonly Side[] = ['positive', 'negative', 'negative-without-image']
const PROMPT_ALONE: readonly Side[] = ['positive']

export interface ImageGuidanceOptions {
  /** s_T. Guided only above 1, and with an image scale of at least 1. */
  scale: ScaleSchedule
  /** s_I */
  imageScale: number
}

export function createImageGuidance({ scale, imageScale }: ImageGuidanceOptions): Guidance {
  checkScale('guidance', scale)
  checkScale('imageGuidance', imageScale)
  return {
    sidesAt: position => (isGuided(scaleAt(scale, position)) && imageScale >= 1 ? ALL : PROMPT_ALONE),
    combine(predictions, position) {
      if (predictions.length === 1) return predictions[0]
      const [text, image, none] = predictions
      return guideTwice(text, image, none, scaleAt(scale, position), imageScale)
    },
  }
}

function guideTwice(
  text: Float32Array,
  image: Float32Array,
  none: Float32Array,
  scale: number,
  imageScale: number,
): Float32Array {
  const [sT, sI] = [fround(scale), fround(imageScale)]
  const guided = new Float32Array(text.length)
  for (let i = 0; i < guided.length; i++) {
    const withText = fround(none[i] + fround(sT * fround(text[i] - image[i])))
    guided[i] = withText + fround(sI * fround(image[i] - none[i]))
  }
  return guided
}
