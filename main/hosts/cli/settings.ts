/** `settings list | get NAME | set NAME VALUE | reset NAME`: the same settings as in the window, for machines without one. */
import { DEFAULT_SETTINGS, settingsPatchSchema, settingsSchema, type Settings } from '#contract/settings'
import { invalidInput, parseInput, showValue } from '#contract/parse'
import { call } from './call.ts'
import { EXIT, JSON_FLAG, type Command, type CommandContext, type ExitCode } from './command.ts'
import { editDistance, toNumber, type ParsedWords } from './flags.ts'
import { naming, withNames } from './rename-issues.ts'

type Name = keyof Settings

/** How null is written and read. */
const NONE = 'none'

const HELP: Readonly<Record<Name, string>> = {
  theme: 'of the window: system, dark, light',
  stage: 'the ground behind pictures: theme, black, grey, white',
  defaultModel: `id of the model that is used where none is named, or ${NONE}: the first that can paint`,
  imagesFolder: `where pictures are saved, an absolute path, or ${NONE}: images/ in the data folder`,
  idleUnloadMinutes: 'without a job, after so many a loaded model is dropped (0 to 1440); 0 keeps it',
  memoryMb: 'what a loaded model may take, in MB, before its parts are closed in turn; 0: what the machine has free',
  threads: 'of the engine (0 to 256); 0: one a physical core',
  provider: 'what computes the networks: auto, cpu, cuda, dml, coreml, webgpu',
}
const NAMES = Object.keys(HELP) as Name[]

export const settings: Command = {
  name: 'settings',
  summary: 'Lists the settings, or shows, changes or resets one',
  usage: '[list | get NAME | set NAME VALUE | reset NAME] [flags]',
  flags: [JSON_FLAG],
  examples: [
    'easel settings',
    'easel settings set memory-mb 4096',
    'easel settings set provider webgpu',
    `easel settings set default-model ${NONE}`,
    'easel settings reset threads',
    '',
    'Settings:',
    ...NAMES.map(name => `  ${toWords(name).padEnd(20)} ${HELP[name]}`),
  ],
  run,
}

async function run({ flags, rest }: ParsedWords, context: CommandContext): Promise<ExitCode> {
  const [verb = 'list', subject, ...values] = rest
  const name = checkWords(rest, verb, subject, values)
  const patch =
    verb === 'set' ? toPatch(name, values[0]) : verb === 'reset' ? toPatch(name, DEFAULT_SETTINGS[name]) : null
  const opened = await context.open('cli', false)
  try {
    const value =
      patch === null ? await call(opened.app, 'settings.get', {}) : await call(opened.app, 'settings.update', patch)
    print(value, subject === undefined ? NAMES : [name], flags.has('json'), context)
    return EXIT.done
  } catch (thrown) {
    throw withNames(thrown, toWords)
  } finally {
    await opened.close()
  }
}

/** The setting that is meant; any for the list. */
function checkWords(
  rest: readonly string[],
  verb: string,
  subject: string | undefined,
  values: readonly string[],
): Name {
  const wanted: Readonly<Record<string, number>> = { list: 1, get: 2, set: 3, reset: 2 }
  if (rest.length > 0 && wanted[verb] !== rest.length && !(verb === 'set' && values.length > 1)) {
    const allowed = 'list, get NAME, set NAME VALUE or reset NAME'
    throw invalidInput([{ path: 'settings', value: showValue(rest.join(' ')), allowed }])
  }
  if (values.length > 1) {
    const allowed = 'one value, in quotes where it holds blanks'
    throw invalidInput([{ path: subject ?? '', value: `in ${values.length} pieces`, allowed }])
  }
  if (subject === undefined) return NAMES[0]
  const found = NAMES.find(name => name === subject || toWords(name) === subject)
  if (found !== undefined) return found
  const near = NAMES.map(toWords).find(name => editDistance(name, subject) <= 2)
  const allowed = near === undefined ? NAMES.map(toWords).join(', ') : `did you mean ${near}?`
  throw invalidInput([{ path: 'settings', value: showValue(subject), allowed }])
}

/** Numbers where the setting is one; "none" where it may be null. Throws `invalid-input` naming the setting. */
function toPatch(name: Name, value: string | number | null | undefined) {
  const field = settingsSchema.shape[name]
  const isNumber = typeof DEFAULT_SETTINGS[name] === 'number'
  const read =
    value === NONE && field.safeParse(null).success
      ? null
      : isNumber && typeof value === 'string'
        ? toNumber(value)
        : value
  return naming(toWords, () => parseInput(settingsPatchSchema, { [name]: read }))
}

function print(value: Settings, names: readonly Name[], isJson: boolean, { terminal }: CommandContext): void {
  const [only] = names
  if (isJson) {
    terminal.print(JSON.stringify({ ok: true, value: names.length === 1 ? value[only] : value }))
    return
  }
  if (names.length === 1) terminal.print(toText(value[only]))
  else for (const name of names) terminal.print(`${toWords(name).padEnd(20)} ${toText(value[name])}`)
}

function toText(value: Settings[Name]): string {
  return value === null ? NONE : String(value)
}

/** memoryMb -> memory-mb */
function toWords(name: string): string {
  return name.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
}
