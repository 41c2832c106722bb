/** A finished picture as the bytes of its file: PNG with everything that made it inside, and nothing that depends on the clock. */
import type { Notice } from '#contract/notices'
import type { GenerationRequest } from '#contract/generation'
import type { Provider } from '#contract/providers'
import { PICTURE_INFO_KEY, type PictureInfo, type UsedFile } from '#contract/picture-info'
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
  refinerHash?: string | undefined
  loras?: readonly UsedFile[] | undefined
  embeddings?: readonly UsedFile[] | undefined
  /** What computed it; absent for the processor. */
  provider?: Provider | undefined
  /** What the user should know of how it was made; absent where there is nothing. */
  notices?: Notice[] | undefined
}

/** `png` is the encoded picture without texts. */
export function addPictureInfo(png: Uint8Array, metadata: PngMetadata): Uint8Array {
  const { request, width, height, appVersion, modelHash, vaeHash, refinerHash, provider, notices } = metadata
  const { loras = [], embeddings = [] } = metadata
  const info: PictureInfo = {
    appVersion,
    request,
    ...(modelHash !== undefined && { modelHash }),
    ...(vaeHash !== undefined && { vaeHash }),
    ...(refinerHash !== undefined && { refinerHash }),
    ...(loras.length > 0 && { loras: [...loras] }),
    ...(embeddings.length > 0 && { embeddings: [...embeddings] }),
    ...(provider !== undefined && { provider }),
    ...(notices !== undefined && { notices }),
  }
  return addTextChunks(png, [
    { key: 'parameters', text: toParametersText(request, { width, height, appVersion, modelHash, vaeHash }) },
    { key: PICTURE_INFO_KEY, text: JSON.stringify(info) },
    xmpChunk(toAiXmp(`Easel ${appVersion}`)),
  ])
}
