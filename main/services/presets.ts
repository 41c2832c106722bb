/** Settings that the user keeps under a name, in one JSON file. What cannot be read of it is put aside, and said. */
import type { Api } from '#contract/api'
import { AppError, toErrorPayload } from '#contract/errors'
import { createNotice, sayNotice, type Notice } from '#contract/notices'
import type { Log } from '#contract/log'
import { presetSchema, type Preset } from '#contract/presets'
import { readJsonFile } from '#storage/json-file'
import { writeAtomic } from '#storage/write-atomic'
import type { Events } from './events.ts'
import { createTurns } from './in-turn.ts'
import { withNamed } from './own-names.ts'

export interface PresetsService {
  api: Api['presets']
  /** What was wrong with the file at the start. */
  notices: Notice[]
}

export interface PresetsOptions {
  /** Absolute. */
  file: string
  events: Events
  log: Log
  now: () => number
}

export async function createPresets({ file, events, log, now }: PresetsOptions): Promise<PresetsService> {
  const inTurn = createTurns()

  /** Read at every question: another process may have written it. Throws `storage-denied`. */
  async function load(): Promise<{ presets: Preset[]; notice: Notice | null }> {
    const read = await readJsonFile(file, now, presetSchema.array().parse)
    switch (read.kind) {
      case 'read':
        return { presets: read.value, notice: null }
      case 'missing':
        return { presets: [], notice: null }
      case 'unreadable':
        throw new AppError('storage-denied', `The presets in ${file} cannot be read (${read.reason}).`)
      case 'damaged': {
        const notice = createNotice('presets-damaged', { copy: read.copy })
        log.warn(sayNotice(notice))
        return { presets: [], notice }
      }
    }
  }

  async function change(edit: (presets: Preset[]) => Preset[]): Promise<Preset[]> {
    return inTurn(async () => {
      const presets = edit((await load()).presets)
      await writeAtomic(file, `${JSON.stringify(presets, null, 2)}\n`)
      events.emit({ type: 'presets', presets })
      return presets
    })
  }

  const { notice } = await load().catch((thrown: unknown) => ({
    notice: createNotice('other', { text: toErrorPayload(thrown).message }),
  }))
  return {
    notices: notice === null ? [] : [notice],
    api: {
      list: async () => (await load()).presets,
      save: ({ replaces, ...preset }) =>
        change(presets => {
          const others = presets.filter(({ model }) => model !== preset.model)
          const own = presets.filter(({ model }) => model === preset.model)
          return [...others, ...withNamed(own, preset, replaces)]
        }),
      delete: ({ model, name }) => change(presets => presets.filter(p => p.model !== model || p.name !== name)),
    },
  }
}
