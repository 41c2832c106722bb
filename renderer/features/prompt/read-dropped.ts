/** What a file says about how it was made: Easel's own request, what A1111, ComfyUI or InvokeAI wrote, else a picture or a text. */
import { COMFYUI_KEY, parseComfyUi } from '#contract/comfyui-prompt'
import type { ForeignSettings } from '#contract/foreign-settings'
import { generationRequestSchema, type GenerationRequest } from '#contract/generation'
import { INVOKEAI_KEY, parseInvokeAi } from '#contract/invokeai-metadata'
import { parseParameters } from '#contract/parameters-text'
import { PICTURE_INFO_KEY } from '#contract/picture-info'
import { readPictureTexts } from './picture-texts.ts'

export type Dropped =
  | { kind: 'request'; request: GenerationRequest }
  | { kind: 'settings'; settings: ForeignSettings }
  | { kind: 'text'; text: string }
  | { kind: 'picture' }
  | { kind: 'unknown' }

/** Under which names who writes: A1111 and what follows it under PNG's keyword or EXIF's field. */
const READERS: readonly (readonly [names: readonly string[], parse: (text: string) => ForeignSettings | null])[] = [
  [['parameters', 'UserComment'], parseParameters],
  [[INVOKEAI_KEY], parseInvokeAi],
  [[COMFYUI_KEY], parseComfyUi],
]

/** `textBytes`: a text file that is larger is no prompt. */
export async function readDropped(file: File, textBytes: number): Promise<Dropped> {
  if (file.type.startsWith('image/')) return readPicture(await file.arrayBuffer())
  const isText = file.type.startsWith('text/') || file.type === 'application/json' || /\.txt$/i.test(file.name)
  if (!isText) return { kind: 'unknown' }
  if (file.size > textBytes) return { kind: 'unknown' }
  const text = (await file.text()).trim()
  const settings = parseParameters(text) ?? parseComfyUi(text)
  return settings === null ? { kind: 'text', text } : { kind: 'settings', settings }
}

async function readPicture(bytes: ArrayBuffer): Promise<Dropped> {
  const texts = await readPictureTexts(new Uint8Array(bytes))
  const request = requestIn(texts.get(PICTURE_INFO_KEY))
  if (request !== null) return { kind: 'request', request }
  for (const [names, parse] of READERS) {
    const text = names.map(name => texts.get(name)).find(found => found !== undefined)
    const settings = text === undefined ? null : parse(text)
    if (settings !== null) return { kind: 'settings', settings }
  }
  return { kind: 'picture' }
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
