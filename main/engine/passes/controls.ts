/** The pictures of a request's ControlNets, read once and brought to the size of each pass; their nets, opened. */
import type { Notice } from '#contract/notices'
import type { ControlRequest } from '#contract/passes'
import { cannyEdges } from '#imaging/canny'
import { flatten } from '#imaging/paste-back'
import type { PixelImage } from '#imaging/pixel-image'
import type { Components } from '#pipeline/components'
import type { Control } from '#pipeline/control-net'
import type { Size } from '#pipeline/latents'
import type { ImageRequest } from '#pipeline/pipeline'
import { readPicture } from '../edit/read-sources.ts'

export interface ControlPicture {
  request: ControlRequest
  picture: PixelImage
}

const WHITE = 255

/** `tell` hears what of a file was converted. Throws `not-found` for a picture that is no longer there, `invalid-input` for a file that is none. */
export async function readControls(
  controls: readonly ControlRequest[],
  folder: string,
  tell: (notice: Notice) => void,
): Promise<ControlPicture[]> {
  const read: ControlPicture[] = []
  for (const [i, request] of controls.entries()) {
    const picture = await readPicture(folder, request.image, `The picture of ControlNet ${i + 1}`)
    picture.notices.forEach(tell)
    read.push({ request, picture: flatten(picture, WHITE) })
  }
  return read
}

/** `fit` brings a picture to what a pass renders: `size`, of the whole picture or of the part that is repainted. */
export async function controlsAt(
  pictures: readonly ControlPicture[],
  components: Pick<Components, 'controlNet'>,
  size: Size,
  fit: (picture: PixelImage, size: Size) => PixelImage,
): Promise<Pick<ImageRequest, 'control'>> {
  if (pictures.length === 0) return {}
  const controls: Control[] = []
  for (const { request, picture } of pictures) {
    const { net, scale, start, end, preprocessor } = request
    const fitted = fit(picture, size)
    const shown = preprocessor === 'canny' ? cannyEdges(fitted) : fitted
    controls.push({ net: await components.controlNet(net), image: toUnit(shown), scale, start, end })
  }
  return { control: { controls, isGuessMode: false } }
}

/** Bytes -> x / 255, as planes. */
function toUnit({ width, height, data }: PixelImage): Control['image'] {
  const plane = width * height
  const values = Float32Array.from({ length: 3 * plane }, (_, i) => {
    return Math.fround(data[(i % plane) * 3 + Math.floor(i / plane)] / 255)
  })
  return { dims: [1, 3, height, width], data: values }
}
