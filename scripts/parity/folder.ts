/**
 * Runs every case of a folder. JSON files at its top are golden files; a folder with `golden/` is a model with cases of a
 * whole pipeline; other folders are looked into. Whatever is there and cannot be run is a failed case: nothing is passed over.
 */
import { existsSync, statSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { failingCase, type CaseResult, type ParityCase } from './comparison.ts'
import { casesOfGoldenFile } from './golden-file.ts'
import { CHECKS_FILE } from './pipelines/layouts.ts'
import { runTokenizerCases, TOKENIZER_CASES_FILE } from './pipelines/tokenizer-cases.ts'
import { parsePythonJson } from './python-json.ts'

/** Beside a checkpoint in one file: what its weights are. */
const CHECKPOINT_FILE = 'hints.json'
const MODEL_INDEX = 'model_index.json'
/** Beside goldens: words, programs that made them, pictures that cases name. */
const BESIDE = /\.(md|txt|py|png|jpg|webp)$/i

export interface FileResult {
  /** Relative to the folder that was asked for. */
  file: string
  results: CaseResult[]
}

export interface FolderOptions {
  /** Runs one model folder, by its absolute path. */
  runPipelines: (modelFolder: string) => Promise<FileResult[]>
  /** Runs a folder with other file layouts of the model beside it. */
  runLayouts: (folder: string) => Promise<FileResult[]>
  /** Runs a folder of goldens that lies beside its model. */
  runFlowGoldens: (folder: string) => Promise<FileResult[]>
  /** Runs a checkpoint in its layouts, with the goldens beside them. */
  runCheckpoint: (folder: string) => Promise<FileResult[]>
  onFile: (result: FileResult) => void
}

/** Throws where there is no such folder. */
export async function runFolder(folder: string, options: FolderOptions): Promise<FileResult[]> {
  const found: FileResult[] = []
  const add: Add = async ({ file, results }) => {
    const result = results.length > 0 ? { file, results } : await failing('the cases', 'no case', file)
    found.push(result)
    options.onFile(result)
  }
  await runInto(folder, '', options, add)
  if (found.length === 0) await add(await failing('the folder', 'no case', '.'))
  return found
}

/** A file without a case is a failed one. */
type Add = (result: FileResult) => Promise<void>

async function runInto(folder: string, prefix: string, options: FolderOptions, add: Add): Promise<void> {
  const names = (await readdir(folder)).sort()
  const isFolder = (name: string) =>
    statSync(path.join(folder, name), { throwIfNoEntry: false })?.isDirectory() ?? false
  const folders = names.filter(isFolder)
  const files = names.filter(name => !isFolder(name))
  const run = runnerOf(folder, files, folders, options)
  if (run !== null) {
    const around = path.posix.dirname(prefix) // what runs a folder begins with the folder's own name
    for (const { file, results } of await runAll(run, folder))
      await add({ file: path.posix.join(around, file), results })
    return
  }
  if (files.includes(MODEL_INDEX)) {
    if (!(await isNamedByGoldens(folder)))
      await add(await failing('the model', 'no case', prefix || path.basename(folder)))
    return
  }
  for (const file of files) {
    const result = await runFile(folder, file, files)
    if (result !== null) await add({ ...result, file: path.posix.join(prefix, result.file) })
  }
  for (const name of folders) await runInto(path.join(folder, name), path.posix.join(prefix, name), options, add)
}

type Runner = (folder: string) => Promise<FileResult[]>

/** What runs the folder as a whole; null: it is looked into. */
function runnerOf(folder: string, files: string[], folders: string[], options: FolderOptions): Runner | null {
  if (files.includes(CHECKPOINT_FILE)) return options.runCheckpoint
  const hasIndex = existsSync(path.join(folder, 'golden', 'index.json'))
  if (hasIndex || (folders.includes('golden') && files.includes(MODEL_INDEX))) return options.runPipelines
  if (folder.endsWith('-layouts') && files.includes(CHECKS_FILE)) return options.runLayouts
  const isGoldens = path.basename(folder).startsWith('golden-') && files.includes('index.json')
  return isGoldens ? options.runFlowGoldens : null
}

/** What the runner throws is a failed case of the folder. */
async function runAll(run: Runner, folder: string): Promise<FileResult[]> {
  const name = path.basename(folder)
  try {
    const results = await run(folder)
    return results.length > 0 ? results : [{ file: name, results: [] }]
  } catch (error) {
    return [await failing('the folder', messageOf(error), name)]
  }
}

/** FLUX and SD 3: the goldens lie in a folder beside the model and name it. */
async function isNamedByGoldens(model: string): Promise<boolean> {
  const around = path.dirname(model)
  for (const name of (await readdir(around)).filter(entry => entry.startsWith('golden-'))) {
    const index = path.join(around, name, 'index.json')
    if (!existsSync(index)) continue
    const { model: named } = parsePythonJson(await readFile(index, 'utf8')) as { model?: unknown }
    if (typeof named === 'string' && path.resolve(around, name, named) === path.resolve(model)) return true
  }
  return false
}

/** null for what is no golden file and only lies beside one. */
async function runFile(folder: string, file: string, files: readonly string[]): Promise<FileResult | null> {
  if (file === TOKENIZER_CASES_FILE) return runTokenizerCases(folder)
  if (!file.endsWith('.json')) {
    const isOfCase = files.includes(`${file.slice(0, -path.extname(file).length)}.json`)
    return isOfCase || BESIDE.test(file) ? null : failing('the file', `a file of the kind ${path.extname(file)}`, file)
  }
  const results: CaseResult[] = []
  for (const parityCase of await readCases(path.join(folder, file))) results.push(await parityCase.run())
  return { file, results }
}

async function readCases(file: string): Promise<ParityCase[]> {
  try {
    const cases = casesOfGoldenFile(parsePythonJson(await readFile(file, 'utf8')))
    return cases.length > 0 ? cases : [failingCase('the file', 'no case')]
  } catch (error) {
    return [failingCase('the file', messageOf(error))]
  }
}

async function failing(id: string, reason: string, file: string): Promise<FileResult> {
  return { file, results: [await failingCase(id, reason).run()] }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
