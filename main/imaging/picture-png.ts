/** A finished picture as the bytes of its file: PNG with everything that made it inside, and nothing that depends on the clock. */
import type { GenerationRequest } from '#contract/generation'
import type { Provider } from '#contract/providers'
import { PICTURE_INFO_KEY, type PictureInfo } from '#contract/picture-info'
import { toAiXmp } from './ai-xmp.ts'
import { toParametersText } from './parameters-text.ts'
import { addTextChunks, xmpChunk } from './png-chunks.ts'

export interface PngMetadata {
  /** Of this one image. */
  request: GenerationRequest
  width: number
  height: number
  appVersion: string
  modelHash?: string | undefined
  vaeHash?: string | undefined
  /** What computed it; absent for the processor. */
  provider?: Provider | undefined
  /** What the user should know of how it was made; absent where there is nothing. */
  notices?: string[] | undefined
}

/** `png` is the encoded picture without texts. */
export function addPictureInfo(png: Uint8Array, metadata: PngMetadata): Uint8Array {
  const { request, width, height, appVersion, modelHash, vaeHash, provider, notices } = metadata
  const info: PictureInfo = {
    appVersion,
    request,
    ...(modelHash !== undefined && { modelHash }),
    ...(vaeHash !== undefined && { vaeHash }),
    ...(provider !== undefined && { provider }),
    ...(notices !== undefined && { notices }),
  }
  return addTextChunks(png, [
    { key: 'parameters', text: toParametersText(request, { width, height, appVersion, modelHash, vaeHash }) },
    { key: PICTURE_INFO_KEY, text: JSON.stringify(info) },
    xmpChunk(toAiXmp(`Easel ${appVersion}`)),
  ])
}
