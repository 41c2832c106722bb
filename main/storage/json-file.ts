/** Reads a JSON file of the application. One that is damaged is put aside under another name, never overwritten. */
import { readFile, rename } from 'node:fs/promises'
import { isMissing } from './storage-error.ts'

export type JsonFile<T> =
  | { kind: 'missing' }
  | { kind: 'read'; value: T }
  /** Not to be opened; it is left where it is. */
  | { kind: 'unreadable'; reason: string }
  | { kind: 'damaged'; copy: string }

/** `file` is absolute; `now` is in milliseconds since 1970. `parse` throws for what it cannot take. */
export async function readJsonFile<T>(
  file: string,
  now: () => number,
  parse: (value: unknown) => T,
): Promise<JsonFile<T>> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (thrown) {
    return isMissing(thrown) ? { kind: 'missing' } : { kind: 'unreadable', reason: String(thrown) }
  }
  try {
    return { kind: 'read', value: parse(JSON.parse(text)) }
  } catch {
    const copy = `${file}.damaged-${now()}`
    await rename(file, copy).catch(() => undefined) // where even this fails, the next save replaces it
    return { kind: 'damaged', copy }
  }
}
