/** Pictures that come in to be changed: checked by their first bytes and kept under their content. The engine decodes them. */
import { readFile } from 'node:fs/promises'
import type { Api } from '#contract/api'
import { EDIT_LIMITS, SOURCE_TYPES, type ImportedSource } from '#contract/edit'
import type { GenerationRequest } from '#contract/generation'
import { invalidInput, showValue } from '#contract/parse'
import { sniffType, type SourceFiles } from '#storage/source-files'

export interface SourcesService {
  api: Api['sources']
  /** Absolute folder of the files, for the engine. */
  folder: string
  /** In pixels, as the picture is looked at; null where there is none or its file does not say. */
  sizeOf(id: string): Promise<{ width: number; height: number } | null>
  /** Throws `invalid-input` naming the field whose picture is not there. */
  check(request: Pick<GenerationRequest, 'edit' | 'controls'>): Promise<void>
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
    sizeOf: id => files.sizeOf(id),
    async check(request) {
      for (const [path, id] of picturesOf(request)) {
        if (await files.has(id)) continue
        const allowed = 'the id of an imported picture (sources.import)'
        throw invalidInput([{ path, value: showValue(id), allowed }])
      }
    },
  }
}

/** Every picture that a request names, by the path of its field. */
function picturesOf({ edit, controls = [] }: Pick<GenerationRequest, 'edit' | 'controls'>): [string, string][] {
  const ofEdit =
    edit === undefined ? [] : (['source', 'mask', 'strokes'] as const).map(name => [name, edit[name]] as const)
  return [
    ...ofEdit.flatMap(([name, id]): [string, string][] => (id === null ? [] : [[`edit.${name}`, id]])),
    ...controls.map(({ image }, i): [string, string] => [`controls.${i}.image`, image]),
  ]
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
