/** The lists of words as they are edited. The files are the truth; others may write them too, so every question reads anew. */
import type { Api } from '#contract/api'
import { AppError } from '#contract/errors'
import { isWildcardName, parseWildcardFile, type WildcardFolder } from '#contract/wildcards'
import { readWildcardFiles, removeWildcardFile, writeWildcardFile } from '#storage/wildcard-files'
import type { Events } from './events.ts'
import { createTurns } from './in-turn.ts'
import { checkName } from './own-names.ts'

/** `folder` is absolute. */
export function createWildcards({ folder, events }: { folder: string; events: Events }): Api['wildcards'] {
  const inTurn = createTurns()

  async function list(): Promise<WildcardFolder> {
    const texts = [...(await readWildcardFiles(folder))]
    return {
      lists: texts
        .filter(([name]) => isWildcardName(name))
        .map(([name, text]) => ({ name, entries: parseWildcardFile(text).length })),
      unusable: texts.map(([name]) => name).filter(name => !isWildcardName(name)),
    }
  }

  const change = (edit: () => Promise<void>): Promise<WildcardFolder> =>
    inTurn(async () => {
      await edit()
      const found = await list()
      events.emit({ type: 'wildcards', folder: found })
      return found
    })

  return {
    list,
    async get({ name }) {
      const text = (await readWildcardFiles(folder)).get(name)
      if (text === undefined) throw new AppError('not-found', `There is no list of words "${name}".`)
      return { name, text }
    },
    save: ({ name, text, replaces }) =>
      change(async () => {
        checkName((await list()).lists, name, replaces)
        const old = replaces === name ? undefined : replaces
        // On Windows and macOS these two are one file: removed afterwards, it would be gone.
        const isOneFile = old?.toLowerCase() === name.toLowerCase()
        if (old !== undefined && isOneFile) await removeWildcardFile(folder, old)
        await writeWildcardFile(folder, name, text)
        if (old !== undefined && !isOneFile) await removeWildcardFile(folder, old)
      }),
    delete: ({ name }) => change(() => removeWildcardFile(folder, name)),
  }
}
