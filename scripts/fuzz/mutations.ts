/** Ways in which a model's folder gets damaged: downloads that stopped, files under wrong names, editors, bad disks, bad luck. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Chance } from './chance.ts'

/** Changes one thing below `folder`, whose `files` are relative; says what it did. */
export type Mutation = (folder: string, files: readonly string[], chance: Chance) => string

const HEADER_BYTES = 600
const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  0.5,
  1e12,
  -1e300,
  '',
  'x',
  'NaN',
  [],
  [1],
  [0, -3],
  {},
  { a: [] },
  [[[]]],
  'v_prediction',
  99_999,
]
const OTHER_FILES: readonly string[] = [
  '',
  '<!DOCTYPE html><html><body>404</body></html>',
  'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3438167540\n',
  '{"error": "Repository not found"}',
  'PK\u0003\u0004',
]

export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  truncate: eachByte('any', (bytes, chance) => bytes.subarray(0, chance.below(bytes.length + 1))),
  extend: eachByte('any', (bytes, chance) => Buffer.concat([bytes, chance.bytes(1 + chance.below(300))])),
  header: eachByte('any', (bytes, chance) => overwrite(bytes, chance, Math.min(bytes.length, HEADER_BYTES))),
  bytes: eachByte('any', (bytes, chance) => overwrite(bytes, chance, bytes.length)),
  graph: eachByte('.onnx', (bytes, chance) => overwrite(bytes, chance, bytes.length)),
  zeros: eachByte('any', bytes => new Uint8Array(bytes.length)),
  other: eachByte('any', (_, chance) => Buffer.from(chance.pick(OTHER_FILES))),
  json: eachByte('.json', (bytes, chance) => Buffer.from(JSON.stringify(changeValue(toJson(bytes), chance)))),
  text: eachByte('.txt', (bytes, chance) => Buffer.from(shuffleLines(bytes.toString('utf8'), chance))),
  remove(folder, files, chance) {
    const file = chance.pick(files)
    const target = chance.below(3) === 0 && file.includes('/') ? path.dirname(file) : file
    rmSync(path.join(folder, target), { recursive: true, force: true })
    return `remove ${target}`
  },
  rename(folder, files, chance) {
    const file = chance.pick(files)
    const to = chance.pick([`${file}.part`, `renamed-${path.basename(file)}`, chance.pick(files), file.toUpperCase()])
    if (!existsSync(path.join(folder, file))) return 'rename nothing'
    mkdirSync(path.dirname(path.join(folder, to)), { recursive: true })
    renameSync(path.join(folder, file), path.join(folder, to))
    return `rename ${file} to ${to}`
  },
  swap(folder, files, chance) {
    const kind = chance.pick(['.onnx', '.json', ''])
    const [a, b] = [
      chance.pick(files.filter(file => file.endsWith(kind))),
      chance.pick(files.filter(file => file.endsWith(kind))),
    ]
    const [atA, atB] = [a, b].map(file => path.join(folder, file))
    if (a === b || !existsSync(atA) || !existsSync(atB)) return 'swap nothing'
    const [bytesA, bytesB] = [readFileSync(atA), readFileSync(atB)]
    replace(atA, bytesB)
    replace(atB, bytesA)
    return `swap ${a} and ${b}`
  },
  folder(folder, files, chance) {
    const file = chance.pick(files)
    rmSync(path.join(folder, file), { recursive: true, force: true })
    mkdirSync(path.join(folder, file), { recursive: true })
    return `a folder in the place of ${file}`
  },
}

function eachByte(ending: string, change: (bytes: Buffer, chance: Chance) => Uint8Array): Mutation {
  return (folder, files, chance) => {
    const file = chance.pick(ending === 'any' ? files : files.filter(name => name.endsWith(ending)))
    const target = path.join(folder, file ?? '')
    if (file === undefined || !existsSync(target)) return 'nothing'
    try {
      replace(target, change(readFileSync(target), chance))
    } catch {
      return `nothing to ${file}` // damaged or a folder already
    }
    return file
  }
}

/** The file may be a link to the fixture's own: it is replaced, never written into. */
function replace(target: string, bytes: Uint8Array): void {
  rmSync(target)
  writeFileSync(target, bytes)
}

function overwrite(bytes: Buffer, chance: Chance, within: number): Uint8Array {
  const changed = Uint8Array.from(bytes)
  const runs = 1 + chance.below(4)
  for (let run = 0; run < runs && within > 0; run++) {
    const start = chance.below(within)
    const noise = chance.bytes(1 + chance.below(8))
    changed.set(noise.subarray(0, Math.min(noise.length, changed.length - start)), start)
  }
  return changed
}

function toJson(bytes: Buffer): unknown {
  return JSON.parse(bytes.toString('utf8'))
}

/** One value somewhere inside becomes an odd one, or a key is lost. */
function changeValue(json: unknown, chance: Chance): unknown {
  if (typeof json !== 'object' || json === null) return chance.pick(ODD_VALUES)
  const keys = Object.keys(json)
  if (keys.length === 0 || chance.below(40) === 0) return chance.pick(ODD_VALUES)
  const key = chance.pick(keys)
  const entries = Object.entries(json as Record<string, unknown>)
  const changed = entries.flatMap(([name, value]) => {
    if (name !== key) return [[name, value] as const]
    if (chance.below(5) === 0) return []
    const isInner = typeof value === 'object' && value !== null && chance.below(3) > 0
    return [[name, isInner ? changeValue(value, chance) : chance.pick(ODD_VALUES)] as const]
  })
  return Array.isArray(json) ? changed.map(([, value]) => value) : Object.fromEntries(changed)
}

function shuffleLines(text: string, chance: Chance): string {
  const lines = text.split('\n')
  const at = chance.below(lines.length)
  lines[at] = chance.pick(['', 'one', 'a b c', '\u0000\u0001', lines[chance.below(lines.length)] ?? ''])
  return lines.join('\n')
}
