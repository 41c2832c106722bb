/** The user's styles. Their file is the truth and is read at every question, so that one which is copied in just appears. */
import { readFile } from 'node:fs/promises'
import type { Api } from '#contract/api'
import { AppError } from '#contract/errors'
import type { Style } from '#contract/styles'
import { isMissing, toStorageError } from '#storage/storage-error'
import { formatStylesCsv, parseStylesCsv } from '#storage/styles-csv'
import { writeAtomic } from '#storage/write-atomic'
import type { Events } from './events.ts'
import { createTurns } from './in-turn.ts'
import { withNamed } from './own-names.ts'

/** `file` is absolute. */
export function createStyles({ file, events }: { file: string; events: Events }): Api['styles'] {
  const inTurn = createTurns()

  const change = (edit: (styles: Style[]) => Style[]): Promise<Style[]> =>
    inTurn(async () => {
      const styles = edit(await readStyles(file))
      await writeAtomic(file, formatStylesCsv(styles))
      events.emit({ type: 'styles', styles })
      return styles
    })

  return {
    list: () => readStyles(file),
    save: ({ replaces, ...style }) => change(styles => withNamed(styles, style, replaces)),
    delete: ({ name }) => change(styles => styles.filter(style => style.name !== name)),
    export: async () => ({ csv: formatStylesCsv(await readStyles(file)) }),
    async import({ csv }) {
      const imported = new Map(parseStylesCsv(csv).map(style => [style.name, style]))
      let replaced = 0
      const styles = await change(known => {
        replaced = known.filter(({ name }) => imported.has(name)).length
        const names = new Set(known.map(({ name }) => name))
        const added = [...imported.values()].filter(({ name }) => !names.has(name))
        return [...known.map(style => imported.get(style.name) ?? style), ...added]
      })
      return { styles, replaced, added: imported.size - replaced }
    },
  }
}

/** A damaged file is left as it is: only its owner knows what was meant. Throws `storage-corrupt`. */
async function readStyles(file: string): Promise<Style[]> {
  let csv: string
  try {
    csv = await readFile(file, 'utf8')
  } catch (thrown) {
    if (isMissing(thrown)) return []
    throw toStorageError(thrown, 'read the styles', file)
  }
  try {
    return parseStylesCsv(csv)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('storage-corrupt', `The styles in ${file} cannot be read: ${reason}`, {
      details: { file },
      cause,
    })
  }
}
