/** The flags of what a request may ask for beside one run: `--hires-...`, `--control` and `--refiner`. */
import { invalidInput, parseInput, showValue } from '#contract/parse'
import {
  CONTROL_DEFAULTS,
  controlOptionsSchema,
  HIRES_DEFAULTS,
  HIRES_SOURCES,
  hiresInputSchema,
  PASS_LIMITS,
  PREPROCESSORS,
  REFINER_DEFAULTS,
  refinerInputSchema,
  type ControlInput,
  type HiresInput,
} from '#contract/passes'
import type { GenerationInput } from '#contract/generation'
import type { App } from '#services/create-app'
import { importPicture, readPicture } from './edit-flags.ts'
import { toNumber, type FlagSpec, type ParsedWords } from './flags.ts'
import { naming } from './rename-issues.ts'

const { hiresScale, hiresStrength, hiresSteps, fraction, controlScale } = PASS_LIMITS
const HIRES_FIELDS = ['scale', 'strength', 'steps', 'from'] as const
const CONTROL_FIELDS = ['net', 'image', 'scale', 'start', 'end', 'preprocessor'] as const

export const PASS_FLAGS: readonly FlagSpec[] = [
  {
    name: 'hires-scale',
    kind: 'number',
    placeholder: 'X',
    help: `make it again, so many times as large (${hiresScale.min} to ${hiresScale.max}); default ${HIRES_DEFAULTS.scale}`,
  },
  {
    name: 'hires-strength',
    kind: 'number',
    placeholder: 'X',
    help: `how much that changes (${hiresStrength.min} to ${hiresStrength.max}); default ${HIRES_DEFAULTS.strength}`,
  },
  {
    name: 'hires-steps',
    kind: 'number',
    placeholder: 'N',
    help: `its steps (${hiresSteps.min} to ${hiresSteps.max}); default those of --steps`,
  },
  {
    name: 'hires-from',
    kind: 'text',
    placeholder: 'NAME',
    help: `what is enlarged for it (${HIRES_SOURCES.join(', ')}); default ${HIRES_DEFAULTS.from}`,
  },
  {
    name: 'control',
    kind: 'text',
    repeats: true,
    placeholder: 'net=NAME,image=FILE',
    help: `hold the picture to another one; may be given several times. Also scale=X (${controlScale.min} to ${controlScale.max}; default ${CONTROL_DEFAULTS.scale}), start=X, end=X (fractions of the steps), preprocessor=NAME (${PREPROCESSORS.join(', ')})`,
  },
  { name: 'refiner', kind: 'text', placeholder: 'ID', help: 'model that finishes the picture' },
  {
    name: 'refiner-at',
    kind: 'number',
    placeholder: 'X',
    help: `fraction of the way at which it takes over (${fraction.min} to ${fraction.max}); default ${REFINER_DEFAULTS.at}`,
  },
]

type ControlFile = Omit<ControlInput, 'image'> & { bytes: Uint8Array }

export interface PassFiles {
  hires: HiresInput | undefined
  refiner: GenerationInput['refiner']
  controls: readonly ControlFile[]
}

/** Throws `invalid-input` that speaks of flags. */
export async function readPassFiles({ flags, lists }: ParsedWords): Promise<PassFiles> {
  const hires = HIRES_FIELDS.flatMap(field => {
    const value = flags.get(`hires-${field}`)
    return value === undefined ? [] : [[field, value] as const]
  })
  const at = flags.get('refiner-at')
  const model = flags.get('refiner')
  if (at !== undefined && model === undefined)
    throw invalidInput([
      { path: '--refiner-at', value: 'given without a model', allowed: 'together with --refiner ID' },
    ])
  const controls: ControlFile[] = []
  for (const words of lists.get('control') ?? []) controls.push(await readControl(words))
  return {
    hires:
      hires.length === 0 ? undefined : named('--hires-', () => parseInput(hiresInputSchema, Object.fromEntries(hires))),
    refiner:
      model === undefined
        ? undefined
        : named('--refiner-', () => parseInput(refinerInputSchema, { model, ...(at !== undefined && { at }) })),
    controls,
  }
}

export async function importPasses(
  app: App,
  { hires, refiner, controls }: PassFiles,
): Promise<Partial<GenerationInput>> {
  const imported: ControlInput[] = []
  for (const [i, { bytes, ...control }] of controls.entries())
    imported.push({ ...control, image: await importPicture(app, bytes, `controls.${i}.image`) })
  return {
    ...(hires && { hires }),
    ...(refiner && { refiner }),
    ...(imported.length > 0 && { controls: imported }),
  }
}

/** "net=canny,image=a,b.png,scale=0.8": a comma parts two fields only before the name of one. */
async function readControl(words: string): Promise<ControlFile> {
  const raw: Record<string, string | number> = {}
  for (const word of words.split(new RegExp(`,(?=(?:${CONTROL_FIELDS.join('|')})=)`))) {
    const [name, value] = [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]
    if (!CONTROL_FIELDS.some(field => field === name) || raw[name] !== undefined) {
      throw invalidInput([
        { path: '--control', value: showValue(word), allowed: `${CONTROL_FIELDS.join('=, ')}=, each once` },
      ])
    }
    raw[name] = /^(scale|start|end)$/.test(name) ? toNumber(value) : value
  }
  const { image, ...options } = raw
  const parsed = named('--control ', () => parseInput(controlOptionsSchema, options))
  if (image === undefined)
    throw invalidInput([{ path: '--control', value: showValue(words), allowed: 'with image=FILE' }])
  return { ...parsed, bytes: await readPicture('--control image', String(image)) }
}

function named<T>(prefix: string, parse: () => T): T {
  return naming(path => `${prefix}${path}`, parse)
}
