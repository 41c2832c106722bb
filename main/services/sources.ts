/** Pictures that come in to be changed: checked by their first bytes and kept under their content. The engine decodes them. */
import { readFile } from 'node:fs/promises'
import type { Api } from '#contract/api'
import { EDIT_LIMITS, SOURCE_TYPES, type Edit, type ImportedSource } from '#contract/edit'
import { invalidInput, showValue } from '#contract/parse'
import { sniffType, type SourceFiles } from '#storage/source-files'

export interface SourcesService {
  api: Api['sources']
  /** Absolute folder of the files, for the engine. */
  folder: string
  /** Throws `invalid-input` naming the field whose picture is not there. */
  checkEdit(edit: Edit): Promise<void>
}

export interface SourcesOptions {
  files: SourceFiles
  /** Absolute path of a gallery picture; throws `not-found`. */
  imageFile(id: string): Promise<string>
}

export function createSources({ files, imageFile }: SourcesOptions): SourcesService {
  async function keep(bytes: Uint8Array): Promise<ImportedSource> {
    const type = sniffType(bytes)
    if (type === null) throw refuse('a file of another kind', `a picture file: ${SOURCE_TYPES.join(', ')}`)
    return { id: await files.put(bytes), type, sizeBytes: bytes.length }
  }

  return {
    folder: files.folder,
    api: {
      import: async ({ base64 }) => keep(decode(base64)),
      fromImage: async ({ id }) => keep(await readFile(await imageFile(id))),
    },
    async checkEdit(edit) {
      for (const field of ['source', 'mask'] as const) {
        const id = edit[field]
        if (id !== null && !(await files.has(id))) {
          const allowed = 'the id of an imported picture (sources.import)'
          throw invalidInput([{ path: `edit.${field}`, value: showValue(id), allowed }])
        }
      }
    },
  }
}

function decode(base64: string): Uint8Array {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) throw refuse(showValue(base64), 'base64 of a picture file')
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length > EDIT_LIMITS.sourceBytes) {
    throw refuse(`${bytes.length} bytes`, `at most ${EDIT_LIMITS.sourceBytes} bytes`)
  }
  return bytes
}

function refuse(value: string, allowed: string): Error {
  return invalidInput([{ path: 'base64', value, allowed }])
}
