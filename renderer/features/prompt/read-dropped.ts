/** What a file says about how it was made: Easel's own request, A1111's parameters, else a picture or a text. */
import { generationRequestSchema, type GenerationInput, type GenerationRequest } from '#contract/generation'
import { parseParameters } from '#contract/parameters-text'
import { PICTURE_INFO_KEY } from '#contract/picture-info'
import { readPictureTexts } from './picture-texts.ts'

export type Dropped =
  | { kind: 'request'; request: GenerationRequest }
  | { kind: 'settings'; input: GenerationInput }
  | { kind: 'text'; text: string }
  | { kind: 'picture' }
  | { kind: 'unknown' }

/** Names under which A1111 and what follows it write the parameters: PNG's keyword, EXIF's field. */
const PARAMETERS = ['parameters', 'UserComment']

/** `textBytes`: a text file that is larger is no prompt. */
export async function readDropped(file: File, textBytes: number): Promise<Dropped> {
  if (file.type.startsWith('image/')) return readPicture(await file.arrayBuffer())
  const isText = file.type.startsWith('text/') || file.type === 'application/json' || /\.txt$/i.test(file.name)
  if (!isText) return { kind: 'unknown' }
  if (file.size > textBytes) return { kind: 'unknown' }
  const text = (await file.text()).trim()
  const input = parseParameters(text)
  return input === null ? { kind: 'text', text } : { kind: 'settings', input }
}

async function readPicture(bytes: ArrayBuffer): Promise<Dropped> {
  const texts = await readPictureTexts(new Uint8Array(bytes))
  const request = requestIn(texts.get(PICTURE_INFO_KEY))
  if (request !== null) return { kind: 'request', request }
  const parameters = PARAMETERS.map(name => texts.get(name)).find(text => text !== undefined)
  const input = parameters === undefined ? null : parseParameters(parameters)
  return input === null ? { kind: 'picture' } : { kind: 'settings', input }
}

function requestIn(json: string | undefined): GenerationRequest | null {
  if (json === undefined) return null
  try {
    const parsed: unknown = JSON.parse(json)
    const request = typeof parsed === 'object' && parsed !== null && 'request' in parsed ? parsed.request : null
    return generationRequestSchema.safeParse(request).data ?? null
  } catch {
    return null // damaged: the picture is still a picture
  }
}
