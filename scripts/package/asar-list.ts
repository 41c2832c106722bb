/**
 * The files that an asar archive lists, those kept unpacked beside it included. The header is JSON behind two Chromium
 * pickles: [4, size of the rest, size of the string's pickle, length of the JSON]. https://github.com/electron/asar
 */
import { openSync, readSync, closeSync } from 'node:fs'

interface Entry {
  files?: Record<string, Entry>
}

const HEAD_BYTES = 16

export function listAsar(file: string): string[] {
  const handle = openSync(file, 'r')
  try {
    const head = Buffer.alloc(HEAD_BYTES)
    readSync(handle, head, 0, HEAD_BYTES, 0)
    const json = Buffer.alloc(head.readUInt32LE(12))
    readSync(handle, json, 0, json.length, HEAD_BYTES)
    return listEntries(JSON.parse(json.toString('utf8')) as Entry, '')
  } finally {
    closeSync(handle)
  }
}

function listEntries(entry: Entry, place: string): string[] {
  return Object.entries(entry.files ?? {}).flatMap(([name, child]) =>
    child.files === undefined ? [`${place}${name}`] : listEntries(child, `${place}${name}/`),
  )
}
