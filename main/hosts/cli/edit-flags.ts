/** The flags of a request that starts from a picture: `--image`, `--mask` and how the two are used. */
import { readFile, stat } from 'node:fs/promises'
import { AppError } from '#contract/errors'
import { EDIT_DEFAULTS, EDIT_LIMITS, editInputSchema, FILLS, type EditInput, type EditOptions } from '#contract/edit'
import { invalidInput, parseInput, showValue } from '#contract/parse'
import type { App } from '#services/create-app'
import { call } from './call.ts'
import { flagOfField } from './flag-of-field.ts'
import { toNumber, type FlagSpec, type ParsedWords } from './flags.ts'
import { naming, withNames } from './rename-issues.ts'

type NamedPicture = 'source' | 'mask' | 'strokes'
type NumberOption = {
  [K in keyof EditOptions]: EditOptions[K] extends number ? K : never
}[keyof EditOptions]

const HELP: Readonly<Record<NumberOption, string>> = {
  strength: 'how much changes',
  overlap: 'pixels of the picture along an extended side that are repainted with it',
  padding: 'pixels around the mask that --only-masked renders too',
  grow: 'pixels by which the mask is grown where it is denoised',
  feather: 'pixels of soft edge where it is denoised',
  pasteErode: 'pixels by which the mask is shrunk where it is pasted back',
  imageGuidance: 'how much the picture counts for a model that edits by instruction',
  noiseLevel: 'noise in the small picture that a model for making pictures larger is shown: more invents more',
  pasteBlur: 'pixels over which the paste fades in',
}

const choicesSchema = editInputSchema.omit({ source: true, mask: true, strokes: true })

const SIDES = ['left', 'top', 'right', 'bottom'] as const

const NUMBERS = Object.keys(HELP) as NumberOption[]

export const EDIT_FLAGS: readonly FlagSpec[] = [
  { name: 'image', kind: 'text', placeholder: 'FILE', help: 'start from this picture' },
  { name: 'mask', kind: 'text', placeholder: 'FILE', help: 'change only what is white in this picture' },
  {
    name: 'strokes',
    kind: 'text',
    placeholder: 'FILE',
    help: 'lay this picture over it first, as far as it is opaque',
  },
  {
    name: 'area',
    kind: 'text',
    placeholder: 'L,T,R,B',
    help: 'render only these pixels, as left,top,right,bottom (right and bottom exclusive)',
  },
  { name: 'only-masked', kind: 'switch', help: 'render the part around the mask alone, at the full size' },
  {
    name: 'fill',
    kind: 'text',
    placeholder: 'NAME',
    help: `what is under the mask at the start (${FILLS.join(', ')}); default ${EDIT_DEFAULTS.fill}`,
  },
  { name: 'mask-as-strength', kind: 'switch', help: 'grey in the mask changes less, instead of mixing new and old' },
  { name: 'match-colours', kind: 'switch', help: 'shift what was painted to the colours beside the seam' },
  { name: 'let-go', kind: 'switch', help: 'the seam may reach beyond the mask, into the grown area' },
  ...SIDES.map((side): FlagSpec => ({
    name: `extend-${side}`,
    kind: 'number',
    placeholder: 'N',
    help: `paint on beyond the ${side} edge by so many pixels (0 to ${EDIT_LIMITS.extend.max})`,
  })),
  ...NUMBERS.map((option): FlagSpec => ({
    name: toFlag(option),
    kind: 'number',
    placeholder: 'N',
    help: `${HELP[option]} (${EDIT_LIMITS[option].min} to ${EDIT_LIMITS[option].max}); default ${EDIT_DEFAULTS[option]}`,
  })),
]

export interface EditFiles {
  image: Uint8Array
  mask: Uint8Array | null
  strokes: Uint8Array | null
  options: Omit<EditInput, NamedPicture>
}

/** Null when no flag asks for a picture; throws `invalid-input` that speaks of flags. */
export async function readEditFiles({ flags }: ParsedWords): Promise<EditFiles | null> {
  const raw: Record<string, unknown> = {}
  for (const option of [...NUMBERS, 'fill'] as const) {
    const value = flags.get(toFlag(option))
    if (value !== undefined) raw[option] = value
  }
  if (SIDES.some(side => flags.has(`extend-${side}`))) {
    raw['extend'] = Object.fromEntries(SIDES.map(side => [side, flags.get(`extend-${side}`) ?? 0]))
  }
  for (const option of ['onlyMasked', 'maskAsStrength', 'matchColours'] as const) {
    if (flags.has(toFlag(option))) raw[option] = true
  }
  const area = flags.get('area')
  if (area !== undefined) raw['area'] = readArea(String(area))
  if (flags.has('let-go')) raw['keepUnmasked'] = false
  const image = flags.get('image')
  const [mask, strokes] = [flags.get('mask'), flags.get('strokes')]
  if (image === undefined) {
    const [stray] = EDIT_FLAGS.filter(({ name }) => flags.has(name))
    if (stray === undefined) return null
    throw invalidInput([
      { path: `--${stray.name}`, value: 'given without a picture', allowed: 'together with --image FILE' },
    ])
  }
  return {
    image: await readPicture('--image', String(image)),
    mask: mask === undefined ? null : await readPicture('--mask', String(mask)),
    strokes: strokes === undefined ? null : await readPicture('--strokes', String(strokes)),
    options: parseOptions(raw),
  }
}

export async function importEdit(app: App, { image, mask, strokes, options }: EditFiles): Promise<EditInput> {
  return {
    ...options,
    source: await importPicture(app, image, 'edit.source'),
    mask: mask && (await importPicture(app, mask, 'edit.mask')),
    strokes: strokes && (await importPicture(app, strokes, 'edit.strokes')),
  }
}

/** The id of the picture in this file; a refusal names the field that it is for. */
export async function importPicture(app: App, bytes: Uint8Array, field: string): Promise<string> {
  try {
    return (await call(app, 'sources.import', { base64: Buffer.from(bytes).toString('base64') })).id
  } catch (thrown) {
    throw withNames(thrown, () => field)
  }
}

/** "16,16,96,80" */
function readArea(text: string): Record<string, unknown> {
  const numbers = text.split(',').map(part => toNumber(part.trim()))
  if (numbers.length !== SIDES.length || numbers.some(number => typeof number === 'string'))
    throw invalidInput([{ path: '--area', value: showValue(text), allowed: `four whole numbers: ${SIDES.join(',')}` }])
  return Object.fromEntries(SIDES.map((side, i) => [side, numbers[i]]))
}

function parseOptions(raw: Record<string, unknown>): EditFiles['options'] {
  return naming(
    path => `--${toFlag(path)}`,
    () => parseInput(choicesSchema, raw),
  )
}

/** `path` is the flag, for messages. */
export async function readPicture(path: string, file: string): Promise<Uint8Array> {
  const allowed = `a picture file of at most ${EDIT_LIMITS.sourceBytes} bytes`
  try {
    const { size } = await stat(file)
    if (size <= EDIT_LIMITS.sourceBytes && size > 0) return await readFile(file)
    throw invalidInput([{ path, value: `${showValue(file)}, ${size} bytes`, allowed }])
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw invalidInput([{ path, value: `${showValue(file)}, which cannot be read (${reason})`, allowed }])
  }
}

/** Without its dashes: onlyMasked -> only-masked; the sides of an area are one flag. */
function toFlag(option: string): string {
  return flagOfField(`edit.${option}`).slice('--'.length)
}
