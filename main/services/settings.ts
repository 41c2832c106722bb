/** The user's settings in one JSON file. A damaged file is put aside, a wrong or unknown field is mended, and both are said. */
import { isAbsolute } from 'node:path'
import type { Api } from '#contract/api'
import { createNotice, sayNotice, type Notice } from '#contract/notices'
import type { Log } from '#contract/log'
import { AppError, toErrorPayload } from '#contract/errors'
import { invalidInput, showValue } from '#contract/parse'
import { DEFAULT_SETTINGS, settingsSchema, type Settings, type SettingsPatch } from '#contract/settings'
import type { ImageFiles } from '#storage/image-files'
import { readJsonFile } from '#storage/json-file'
import { writeAtomic } from '#storage/write-atomic'
import type { Events } from './events.ts'
import { createTurns } from './in-turn.ts'

export interface SettingsService {
  api: Api['settings']
  current(): Settings
  /** Takes over what another process has written since. */
  reload(): Promise<void>
  /** What had to be mended when the file was read. */
  notices: Notice[]
}

export interface SettingsOptions {
  file: string
  files: ImageFiles
  /** Ids of the models that can be used. */
  usableModels: () => Promise<string[]>
  events: Events
  log: Log
  now: () => number
}

export async function createSettings({
  file,
  files,
  usableModels,
  events,
  log,
  now,
}: SettingsOptions): Promise<SettingsService> {
  const loaded = await load(file, now)
  for (const notice of loaded.notices) log.warn(sayNotice(notice))
  let settings = loaded.settings
  const inTurn = createTurns()

  /** Over what the file says by now: a command line beside the window may have changed another setting. */
  async function save(patch: SettingsPatch): Promise<Settings> {
    const next = { ...(await readAgain()), ...patch }
    await writeAtomic(file, `${JSON.stringify(next, null, 2)}\n`)
    return adopt(next)
  }

  async function readAgain(): Promise<Settings> {
    const read = await readJsonFile(file, now, mend)
    return read.kind === 'read' ? read.value.settings : settings
  }

  function adopt(next: Settings): Settings {
    settings = next
    events.emit({ type: 'settings', settings })
    return settings
  }

  return {
    notices: loaded.notices,
    current: () => settings,
    reload: () =>
      inTurn(async () => {
        const next = await readAgain()
        if (JSON.stringify(next) !== JSON.stringify(settings)) adopt(next)
      }),
    api: {
      get: () => Promise.resolve(settings),
      async update(patch) {
        if (typeof patch.defaultModel === 'string') checkModel(patch.defaultModel, await usableModels())
        if (typeof patch.imagesFolder === 'string') await checkFolder(patch.imagesFolder, files) // last: it makes the folder
        return inTurn(() => save(patch))
      },
    },
  }
}

async function checkFolder(folder: string, files: ImageFiles): Promise<void> {
  const refuse = (why: string) => {
    const allowed = 'an absolute path of a folder that can be written, or null for the one inside the data folder'
    return invalidInput([{ path: 'imagesFolder', value: showValue(folder) + why, allowed }])
  }
  if (!isAbsolute(folder)) throw refuse('')
  try {
    await files.prepare(folder)
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'storage-full') throw thrown // no fault of the value
    const { message, details } = toErrorPayload(thrown)
    throw refuse(`, which cannot be used (${String(details?.['reason'] ?? message)})`)
  }
}

function checkModel(id: string, usable: readonly string[]): void {
  if (usable.includes(id)) return
  const allowed =
    usable.length === 0 ? 'null, as no model can be used' : `${usable.join(', ')}, or null for the first that can paint`
  throw invalidInput([{ path: 'defaultModel', value: showValue(id), allowed }])
}

async function load(file: string, now: () => number): Promise<{ settings: Settings; notices: Notice[] }> {
  const read = await readJsonFile(file, now, mend)
  switch (read.kind) {
    case 'read':
      return read.value
    case 'missing':
      return { settings: DEFAULT_SETTINGS, notices: [] }
    case 'unreadable':
      return lost(createNotice('settings-unreadable', { file, reason: read.reason }))
    case 'damaged':
      return lost(createNotice('settings-damaged', { copy: read.copy }))
  }
}

function lost(notice: Notice): { settings: Settings; notices: Notice[] } {
  return { settings: DEFAULT_SETTINGS, notices: [notice] }
}

/** Keeps every field that fits; the others get their default and a notice. */
export function mend(raw: unknown): { settings: Settings; notices: Notice[] } {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw new TypeError('settings are not an object')
  const given = new Map<string, unknown>(Object.entries(raw))
  const kept: Record<string, unknown> = {}
  const notices: Notice[] = []
  for (const [key, value] of given) {
    const field = Object.entries(settingsSchema.shape).find(([name]) => name === key)?.[1]
    const problem = field === undefined ? 'no such setting' : field.safeParse(value).error?.issues[0]?.message
    if (problem === undefined) kept[key] = value
    else notices.push(createNotice('setting-unused', { setting: key, value: showValue(value), problem }))
  }
  return { settings: settingsSchema.parse(kept), notices }
}
