import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { hashModel, pixelFiles, type FileHashCache } from '#catalog/model-hash'
import { openFileHashes } from '#storage/file-hashes'
import { scratchFolder } from '#test/scratch-folder'

const FILES: Record<string, string> = {
  'model_index.json': '{"_class_name": "StableDiffusionPipeline"}',
  'scheduler/scheduler_config.json': '{}',
  'tokenizer/vocab.json': '{}',
  'tokenizer/merges.txt': '#version: 0.2\n',
  'unet/model.onnx': 'graph',
  'unet/model.onnx_data': 'weights',
  'vae_decoder/model.onnx': 'decoder',
}
const ASIDE: Record<string, string> = {
  'README.md': 'words',
  'manifest.json': '{}',
  'samples.png': 'picture',
  'unet/notes.txt': '-',
}

let folder: string

beforeEach(async () => {
  folder = await scratchFolder()
  for (const [file, content] of Object.entries({ ...FILES, ...ASIDE })) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), content)
  }
})

function all(): string[] {
  return [...Object.keys(FILES), ...Object.keys(ASIDE)]
}

/** A cache that forgets everything and counts what was hashed. */
function countingCache() {
  const hashed: string[] = []
  const cache: FileHashCache = { find: () => null, put: ({ path }) => void hashed.push(path) }
  return { cache, hashed }
}

describe('the hash of a model', () => {
  it('is over the files that decide the pixels and no others', () => {
    expect(pixelFiles(all())).toEqual(Object.keys(FILES).sort())
  })

  it('takes in weights under every name that exporters give them', () => {
    const names = ['model.onnx.data', 'weights.pb', 'model.onnx_data_1', 'model.onnx.data.1', 'model_fp16.onnx'].map(
      name => `unet/${name}`,
    )
    expect(pixelFiles(names)).toEqual([...names].sort())
  })

  it('is what sha256sum prints, hashed', async () => {
    const sorted = Object.keys(FILES).sort()
    const lines =
      process.platform === 'linux'
        ? execFileSync('sha256sum', sorted, { cwd: folder, encoding: 'utf8' })
        : await linesOf(sorted)
    const expected = createHash('sha256').update(lines).digest('hex')
    expect(await hashModel(folder, all().reverse(), { cache: countingCache().cache })).toBe(expected)
  })

  it('stays when a readme changes and differs when one weight does', async () => {
    const hash = () => hashModel(folder, all(), { cache: countingCache().cache })
    const first = await hash()
    await writeFile(join(folder, 'README.md'), 'other words')
    expect(await hash()).toBe(first)
    await writeFile(join(folder, 'unet/model.onnx_data'), 'weightz')
    expect(await hash()).not.toBe(first)
  })

  it('reads a file only once, also in another run, until its time or size changes', async () => {
    const saved = join(await scratchFolder(), 'hashes.json')
    const hashes = await openFileHashes(saved)
    const first = await hashModel(folder, all(), { cache: hashes })
    await hashes.save()
    const counted: string[] = []
    const again = await openFileHashes(saved)
    const cache: FileHashCache = { find: state => again.find(state), put: ({ path }) => void counted.push(path) }
    expect(await hashModel(folder, all(), { cache })).toBe(first)
    expect(counted).toEqual([])
    await utimes(join(folder, 'unet/model.onnx'), 1, 1)
    expect(await hashModel(folder, all(), { cache })).toBe(first)
    expect(counted).toEqual([join(folder, 'unet/model.onnx')])
  })

  it('begins anew with a cache file that is damaged', async () => {
    const saved = join(folder, 'hashes.json')
    await writeFile(saved, '{"half":')
    const hashes = await openFileHashes(saved)
    expect(await hashModel(folder, all(), { cache: hashes })).toMatch(/^[0-9a-f]{64}$/)
  })

  it('names a file that has gone', async () => {
    const missing = hashModel(folder, [...all(), 'vae_encoder/model.onnx'], { cache: countingCache().cache })
    await expect(missing).rejects.toMatchObject({ code: 'model-missing', details: { file: 'vae_encoder/model.onnx' } })
  })

  it('stops when it is told to', async () => {
    const stopped = hashModel(folder, all(), { cache: countingCache().cache, signal: AbortSignal.abort() })
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' })
  })
})

async function linesOf(files: string[]): Promise<string> {
  const hashes = files.map(async file =>
    createHash('sha256')
      .update(await readFile(join(folder, file)))
      .digest('hex'),
  )
  return (await Promise.all(hashes)).map((hash, i) => `${hash}  ${files[i] ?? ''}\n`).join('')
}
