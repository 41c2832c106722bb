import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listAsar } from '../../../../scripts/package/asar-list.ts'
import { findContentProblems } from '../../../../scripts/package/contents.ts'

const target = { platform: 'linux', arch: 'x64' } as const
const RIGHT = [
  'package.json',
  'dist/electron/main.js',
  'dist/preload/preload.cjs',
  'dist/page/index.html',
  'dist/engine/engine-process.mjs',
  'node_modules/onnxruntime-common/package.json',
  'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/onnxruntime_binding.node',
  'node_modules/sharp/package.json',
  'node_modules/@img/sharp-linux-x64/package.json',
  'node_modules/@img/sharp-libvips-linux-x64/lib/libvips-cpp.so.8.18.3',
]
const RESOURCES = [
  'models/starter/model_index.json',
  'models/starter/unet/model.onnx',
  'models/starter-few/unet/model.onnx',
  'models/starter-x2/model.onnx',
  'models/clip-words/merges.txt',
  'LICENSE.txt',
  'THIRD-PARTY-NOTICES.md',
]

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'easel-contents-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(file: string, content: string | Buffer = 'x'): void {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
  writeFileSync(path.join(folder, file), content)
}

interface Entry {
  files?: Record<string, Entry>
  size?: number
}

function writeAsar(files: string[]): void {
  const top: Entry = { files: {} }
  for (const file of files) {
    let at = top
    for (const name of file.split('/').slice(0, -1)) at = (at.files ??= {})[name] ??= { files: {} }
    const name = path.posix.basename(file)
    ;(at.files ??= {})[name] = { size: 1 }
  }
  const json = Buffer.from(JSON.stringify(top))
  const head = Buffer.alloc(16)
  for (const [index, value] of [4, json.length + 8, json.length + 4, json.length].entries())
    head.writeUInt32LE(value, 4 * index)
  write('app.asar', Buffer.concat([head, json]))
}

function makeApp({ without = '', and = [] }: { without?: string; and?: string[] } = {}): void {
  const files = [...RIGHT, ...and].filter(file => file !== without)
  writeAsar(files)
  for (const file of files.filter(name => /^(node_modules|dist\/engine)\//.test(name)))
    write(`app.asar.unpacked/${file}`)
  for (const file of RESOURCES.filter(name => name !== without)) write(file)
  write('node/node')
  truncateSync(path.join(folder, 'node/node'), 21_000_000) // sparse
}

describe('the list of an archive', () => {
  it('names every file with its folders', () => {
    writeAsar(['a.js', 'b/c/d.js'])
    expect(listAsar(path.join(folder, 'app.asar'))).toEqual(['a.js', 'b/c/d.js'])
  })
})

describe('the contents of a packaged app', () => {
  it('are right when everything needed is there and nothing else', () => {
    makeApp()
    expect(findContentProblems(folder, target)).toEqual([])
  })

  it.each([
    ['dist/page/index.html', 'dist/page/index.html is missing from app.asar.'],
    [
      'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/onnxruntime_binding.node',
      'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/onnxruntime_binding.node is missing from app.asar.unpacked.',
    ],
    ['models/starter/unet/model.onnx', 'models/starter/unet/model.onnx is missing from the resources.'],
  ])('are wrong without %s', (without, sentence) => {
    makeApp({ without })
    expect(findContentProblems(folder, target)).toEqual([sentence])
  })

  it.each([
    ['dist/electron/main.ts', 'is a source'],
    ['dist/electron/main.js.map', 'is a source map'],
    ['renderer/main.js', 'is a folder of the checkout'],
    ['node_modules/semver/test/x.js', 'is a test'],
    ['.npmrc', 'is a hidden file of the workshop'],
    ['dist/page/.sources', 'is a hidden file of the workshop'],
    ['node_modules/vue/index.js', 'belongs to a package that nothing asks for'],
    ['node_modules/onnxruntime-node/bin/napi-v6/win32/x64/onnxruntime.dll', 'is for another platform'],
    ['node_modules/@img/sharp-darwin-arm64/lib/sharp-darwin-arm64.node', 'is for another platform'],
  ])('are wrong with %s', (file, words) => {
    makeApp({ and: [file] })
    expect(findContentProblems(folder, target)).toEqual([`${file} ${words}.`])
  })

  it('are wrong with the recipe of the starter model', () => {
    makeApp()
    write('models/starter/recipe/recipe/train.py')
    expect(findContentProblems(folder, target)).toEqual([
      'models/starter/recipe/recipe/train.py is a file of the workshop.',
    ])
  })

  it("are wrong when something small stands in the place of the engine's Node", () => {
    makeApp()
    write('node/node', '#!/bin/sh')
    expect(findContentProblems(folder, target)).toEqual([expect.stringContaining('too small to be Node')])
  })

  it('are wrong when there is no archive', () => {
    expect(findContentProblems(folder, target)).toEqual([expect.stringContaining('is missing')])
  })
})
