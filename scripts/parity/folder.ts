/**
 * Runs every case of a folder. JSON files at its top are golden files; a folder with `golden/index.json` is a model with
 * cases of a whole pipeline; other folders are looked into.
 */
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { failingCase, type CaseResult, type ParityCase } from './comparison.ts'
import { casesOfGoldenFile } from './golden-file.ts'
import { CHECKS_FILE } from './pipelines/layouts.ts'
import { runTokenizerCases, TOKENIZER_CASES_FILE } from './pipelines/tokenizer-cases.ts'
import { parsePythonJson } from './python-json.ts'

/** Beside a checkpoint in one file: what its weights are. */
const CHECKPOINT_FILE = 'hints.json'

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

export async function runFolder(folder: string, options: FolderOptions, prefix = ''): Promise<FileResult[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const names = (isWanted: (entry: (typeof entries)[number]) => boolean) =>
    entries
      .filter(isWanted)
      .map(entry => entry.name)
      .sort()
  const files = names(entry => entry.isFile() && entry.name.endsWith('.json'))
  const folders = names(entry => entry.isDirectory())
  const found: FileResult[] = []
  const add = (result: FileResult) => {
    found.push(result)
    options.onFile(result)
  }
  const runModels = (await isModelFolder(folder, folders))
    ? options.runPipelines
    : isLayoutsFolder(folder, files)
      ? options.runLayouts
      : isFlowGoldens(folder, files)
        ? options.runFlowGoldens
        : null
  if (runModels !== null) {
    for (const { file, results } of await runModels(folder)) add({ file: path.posix.join(prefix, file), results })
    return found
  }
  if (files.includes('model_index.json')) return found // a model whose goldens lie elsewhere
  if (files.includes(CHECKPOINT_FILE)) {
    for (const { file, results } of await options.runCheckpoint(folder))
      add({ file: path.posix.join(prefix, file), results })
    return found
  }
  for (const file of files) {
    if (file === TOKENIZER_CASES_FILE) {
      const { file: name, results } = await runTokenizerCases(folder)
      add({ file: path.posix.join(prefix, name), results })
    } else add(await runGoldenFile(folder, file, prefix))
  }
  for (const name of folders) {
    found.push(...(await runFolder(path.join(folder, name), options, path.posix.join(prefix, name))))
  }
  return found
}

async function isModelFolder(folder: string, folders: string[]): Promise<boolean> {
  if (!folders.includes('golden')) return false
  return (await readdir(path.join(folder, 'golden'))).includes('index.json')
}

function isLayoutsFolder(folder: string, files: string[]): boolean {
  return folder.endsWith('-layouts') && files.includes(CHECKS_FILE)
}

function isFlowGoldens(folder: string, files: string[]): boolean {
  return path.basename(folder).startsWith('golden-') && files.includes('index.json')
}

async function runGoldenFile(folder: string, file: string, prefix: string): Promise<FileResult> {
  const results: CaseResult[] = []
  for (const parityCase of await readCases(path.join(folder, file))) results.push(await parityCase.run())
  return { file: path.posix.join(prefix, file), results }
}

async function readCases(file: string): Promise<ParityCase[]> {
  try {
    const cases = casesOfGoldenFile(parsePythonJson(await readFile(file, 'utf8')))
    return cases.length > 0 ? cases : [failingCase('the file', 'no case')]
  } catch (error) {
    return [failingCase('the file', error instanceof Error ? error.message : String(error))]
  }
}
