/** `gallery list | show ID | delete ID... | restore ID... | purge ID... | empty-bin`: the pictures from the command line. */
import { GALLERY_PAGE, galleryQuerySchema, type GalleryQuery, type ImageRecord } from '#contract/gallery'
import { invalidInput, parseInput, showValue } from '#contract/parse'
import type { App } from '#services/create-app'
import { call } from './call.ts'
import { EXIT, JSON_FLAG, type Command, type CommandContext, type ExitCode } from './command.ts'
import type { FlagSpec, ParsedWords } from './flags.ts'
import { naming, withNames } from './rename-issues.ts'
import { showText } from './terminal.ts'

/** An answer as data and as lines. */
interface Answer {
  value: unknown
  lines: string[]
}

interface Verb {
  isCountRight: (ids: number) => boolean
  run: (app: App, ids: string[], query: GalleryQuery) => Promise<Answer>
}

const VERBS: Readonly<Record<string, Verb>> = {
  list: { isCountRight: ids => ids === 0, run: list },
  show: { isCountRight: ids => ids === 1, run: show },
  delete: { isCountRight: ids => ids > 0, run: remove },
  restore: { isCountRight: ids => ids > 0, run: restore },
  purge: { isCountRight: ids => ids > 0, run: purge },
  'empty-bin': { isCountRight: ids => ids === 0, run: emptyBin },
}

/** Each is a field of the query. */
const LIST_FLAGS: readonly FlagSpec[] = [
  {
    name: 'limit',
    kind: 'number',
    placeholder: 'N',
    help: `how many to list (${GALLERY_PAGE.min} to ${GALLERY_PAGE.max}); default ${GALLERY_PAGE.default}`,
  },
  { name: 'cursor', kind: 'text', placeholder: 'TEXT', help: 'go on behind a list: its "nextCursor"' },
  { name: 'search', kind: 'text', placeholder: 'WORDS', help: 'only those whose prompt has each of these words' },
  { name: 'favourite', kind: 'switch', help: 'only favourites' },
  { name: 'model', kind: 'text', placeholder: 'ID', help: 'only those of this model' },
  { name: 'scheduler', kind: 'text', placeholder: 'NAME', help: 'only those of this sampler, as "generate" names it' },
  { name: 'bin', kind: 'switch', help: 'those in the bin instead of those in the gallery' },
]

export const gallery: Command = {
  name: 'gallery',
  summary: 'Lists pictures, shows one, moves some to the bin and back or removes them for good',
  usage: '[list | show ID | delete ID... | restore ID... | purge ID... | empty-bin] [flags]',
  flags: [JSON_FLAG, ...LIST_FLAGS],
  examples: [
    'easel gallery',
    'easel gallery list --limit 5 --json',
    'easel gallery list --search "red fox" --favourite',
    'easel gallery show 20261123-134601-k3f9x2-00',
    'easel gallery delete 20261123-134601-k3f9x2-00',
    'easel gallery list --bin',
    'easel gallery empty-bin',
  ],
  run,
}

async function run({ flags, rest }: ParsedWords, { open, terminal }: CommandContext): Promise<ExitCode> {
  const [name = 'list', ...ids] = rest
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined
  if (verb?.isCountRight(ids.length) !== true) {
    const allowed = 'list, show ID, delete ID..., restore ID..., purge ID... or empty-bin'
    throw invalidInput([{ path: 'gallery', value: showValue(rest.join(' ')), allowed }])
  }
  const query = toQuery(flags, name)
  const opened = await open('cli', false)
  try {
    const { value, lines } = await verb.run(opened.app, ids, query)
    if (flags.has('json')) terminal.print(JSON.stringify({ ok: true, value }))
    else for (const line of lines) terminal.print(line)
    return EXIT.done
  } catch (thrown) {
    throw withNames(thrown, path => (LIST_FLAGS.some(flag => flag.name === path) ? `--${path}` : path))
  } finally {
    await opened.close()
  }
}

/** Before anything is opened; a flag that the verb takes no notice of is refused. */
function toQuery(flags: ParsedWords['flags'], verb: string): GalleryQuery {
  const given = LIST_FLAGS.flatMap(({ name }) => (flags.has(name) ? [[name, flags.get(name)] as const] : []))
  const [stray] = given
  if (verb !== 'list' && stray !== undefined)
    throw invalidInput([{ path: `--${stray[0]}`, value: `given to "${verb}"`, allowed: 'with "list"' }])
  return naming(
    path => `--${path}`,
    () => parseInput(galleryQuerySchema, Object.fromEntries(given)),
  )
}

async function list(app: App, _ids: string[], query: GalleryQuery): Promise<Answer> {
  const page = await call(app, 'gallery.list', query)
  const more = page.nextCursor === null ? [] : [`${page.total} in all; more with --cursor ${page.nextCursor}`]
  return { value: page, lines: [...page.images.map(lineOf), ...more] }
}

async function show(app: App, [id]: string[]): Promise<Answer> {
  const image = await call(app, 'gallery.get', { id })
  const path = await app.imageFile(id).catch(() => 'the file is gone')
  const request = Object.entries(image.request).map(
    ([field, value]) =>
      `${field.padEnd(18)} ${showText(typeof value === 'string' ? value : JSON.stringify(value), 200)}`,
  )
  const lines = [
    `${'file'.padEnd(18)} ${path}`,
    `${'made'.padEnd(18)} ${new Date(image.createdAt).toLocaleString()}`,
    ...request,
  ]
  return { value: { ...image, path }, lines }
}

async function remove(app: App, ids: string[]): Promise<Answer> {
  const value = await call(app, 'gallery.delete', { ids })
  return { value, lines: [`${value.deleted.length} moved to the bin. "gallery restore ID" brings one back.`] }
}

async function restore(app: App, ids: string[]): Promise<Answer> {
  const value = await call(app, 'gallery.restore', { ids })
  return { value, lines: [`${value.restored.length} restored.`] }
}

async function purge(app: App, ids: string[]): Promise<Answer> {
  const value = await call(app, 'gallery.purge', { ids })
  return { value, lines: [`${value.purged.length} removed for good.`] }
}

async function emptyBin(app: App): Promise<Answer> {
  const value = await call(app, 'gallery.emptyBin', {})
  return { value, lines: [`${value.purged.length} removed for good.`] }
}

function lineOf({ id, width, height, request }: ImageRecord): string {
  return `${id}  ${width}x${height}  seed ${request.seed}  ${showText(request.prompt, 60)}`
}
