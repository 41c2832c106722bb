/** `gallery list | show ID | delete ID... | restore ID...`: the pictures from the command line. */
import { GALLERY_PAGE, galleryQuerySchema, type ImageRecord } from '#contract/gallery'
import { invalidInput, parseInput, showValue } from '#contract/parse'
import type { App } from '#services/create-app'
import { call } from './call.ts'
import { EXIT, JSON_FLAG, type Command, type CommandContext, type ExitCode } from './command.ts'
import type { ParsedWords } from './flags.ts'
import { showText } from './terminal.ts'

/** An answer as data and as lines. */
interface Answer {
  value: unknown
  lines: string[]
}

interface Verb {
  isCountRight: (ids: number) => boolean
  run: (app: App, ids: string[], words: ParsedWords) => Promise<Answer>
}

const VERBS: Readonly<Record<string, Verb>> = {
  list: { isCountRight: ids => ids === 0, run: list },
  show: { isCountRight: ids => ids === 1, run: show },
  delete: { isCountRight: ids => ids > 0, run: remove },
  restore: { isCountRight: ids => ids > 0, run: restore },
}

export const gallery: Command = {
  name: 'gallery',
  summary: 'Lists pictures, shows one, moves some to the bin and back',
  usage: '[list | show ID | delete ID... | restore ID...] [flags]',
  flags: [
    JSON_FLAG,
    {
      name: 'limit',
      kind: 'number',
      placeholder: 'N',
      help: `how many to list (${GALLERY_PAGE.min} to ${GALLERY_PAGE.max}); default ${GALLERY_PAGE.default}`,
    },
    { name: 'cursor', kind: 'text', placeholder: 'TEXT', help: 'go on behind a list: its "nextCursor"' },
  ],
  examples: [
    'easel gallery',
    'easel gallery list --limit 5 --json',
    'easel gallery show 20261123-134601-k3f9x2-00',
    'easel gallery delete 20261123-134601-k3f9x2-00',
  ],
  run,
}

async function run(words: ParsedWords, { open, terminal }: CommandContext): Promise<ExitCode> {
  const [name = 'list', ...ids] = words.rest
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined
  if (verb?.isCountRight(ids.length) !== true) {
    const allowed = 'list, show ID, delete ID... or restore ID...'
    throw invalidInput([{ path: 'gallery', value: showValue(words.rest.join(' ')), allowed }])
  }
  const opened = await open('cli', false)
  try {
    const { value, lines } = await verb.run(opened.app, ids, words)
    if (words.flags.has('json')) terminal.print(JSON.stringify({ ok: true, value }))
    else for (const line of lines) terminal.print(line)
    return EXIT.done
  } finally {
    await opened.close()
  }
}

async function list(app: App, _ids: string[], { flags }: ParsedWords): Promise<Answer> {
  const given = [...flags].filter(([name]) => name === 'limit' || name === 'cursor')
  const page = await call(app, 'gallery.list', parseInput(galleryQuerySchema, Object.fromEntries(given)))
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

function lineOf({ id, width, height, request }: ImageRecord): string {
  return `${id}  ${width}x${height}  seed ${request.seed}  ${showText(request.prompt, 60)}`
}
