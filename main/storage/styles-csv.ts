/**
 * A1111's styles.csv, both ways: a header of name, prompt and negative_prompt (in its first versions name and text), and
 * fields as RFC 4180 quotes them (https://www.rfc-editor.org/rfc/rfc4180), so that commas, quotes and line breaks survive.
 */
import { LIMITS } from '#contract/generation'
import { invalidInput, showValue } from '#contract/parse'
import { STYLE_LIMITS, type Style } from '#contract/styles'

/** A1111 and Excel write it, and A1111 reads the first column's name wrongly without. */
const BYTE_ORDER_MARK = '\ufeff'
const LINE_END = '\r\n'
const HEADER = ['name', 'prompt', 'negative_prompt']

/** Rows without a name say nothing; of one name the last row counts. Throws `invalid-input` for a text that is no such file. */
export function parseStylesCsv(csv: string): Style[] {
  const [header = [], ...rows] = parseRows(csv.startsWith(BYTE_ORDER_MARK) ? csv.slice(1) : csv)
  const columns = header.map(name => name.trim().toLowerCase())
  const at = { name: columns.indexOf('name'), prompt: columns.indexOf('prompt'), negative: columns.indexOf(HEADER[2]) }
  if (at.prompt === -1) at.prompt = columns.indexOf('text')
  if (at.name === -1 || at.prompt === -1) {
    const allowed = `a table whose first line is ${HEADER.join(',')}`
    throw invalidInput([{ path: 'csv', value: showValue(header.join(',')), allowed }])
  }
  const styles = new Map<string, Style>()
  for (const row of rows) {
    const name = (row[at.name] ?? '').trim()
    if (name === '') continue
    const style = { name, prompt: row[at.prompt] ?? '', negativePrompt: row[at.negative] ?? '' }
    checkLengths(style)
    styles.delete(name) // so that it moves to the place of its last row
    styles.set(name, style)
  }
  return [...styles.values()]
}

export function formatStylesCsv(styles: readonly Style[]): string {
  const rows = [HEADER, ...styles.map(({ name, prompt, negativePrompt }) => [name, prompt, negativePrompt])]
  return BYTE_ORDER_MARK + rows.map(row => row.map(quote).join(',') + LINE_END).join('')
}

function quote(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}

/** A field that is quoted (group 1, its quotes doubled) or not (group 2), and what ends it. */
const FIELD = /(?:"((?:[^"]|"")*)"|([^",\r\n][^,\r\n]*)?)(,|\r\n|\n|\r|$)/y

function parseRows(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  FIELD.lastIndex = 0
  while (FIELD.lastIndex < text.length) {
    const start = FIELD.lastIndex
    const match = FIELD.exec(text)
    if (match === null) {
      const allowed = 'a table with every quote closed, and quotes within fields doubled'
      throw invalidInput([{ path: 'csv', value: showValue(text.slice(start)), allowed }])
    }
    const [, quoted, plain = '', end] = match
    row.push(quoted?.replaceAll('""', '"') ?? plain)
    if (end === ',' && FIELD.lastIndex < text.length) continue
    if (end === ',') row.push('') // the file ends behind a comma
    rows.push(row)
    row = []
  }
  return rows
}

function checkLengths({ name, prompt, negativePrompt }: Style): void {
  if (name.length > STYLE_LIMITS.nameChars) {
    const allowed = `at most ${STYLE_LIMITS.nameChars} characters`
    throw invalidInput([{ path: 'csv', value: `the name ${showValue(name)}`, allowed }])
  }
  for (const text of [prompt, negativePrompt]) {
    if (text.length <= LIMITS.promptChars) continue
    const allowed = `at most ${LIMITS.promptChars} characters`
    throw invalidInput([{ path: 'csv', value: `${text.length} characters in the style ${showValue(name)}`, allowed }])
  }
}
