/** Other file layouts of one model: `checks.json` names layouts and cases, the cases lie in the folder of the model itself. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { readModelFiles } from '#engine/read-model'
import type { FloatTensor } from '#pipeline/tensor'
import { failingCase, type CaseResult } from '../comparison.ts'
import type { FileResult } from '../folder.ts'
import { parsePythonJson } from '../python-json.ts'
import { runFaultyModels } from './faulty-models.ts'
import { readCaseFiles } from './pipeline-case.ts'
import { FLOAT32, replayCase } from './replay-case.ts'
import { withEncoder } from './with-encoder.ts'
import { compared, withModel } from './with-model.ts'

export const CHECKS_FILE = 'checks.json'
const SUFFIX = '-layouts'
/** Roundings of half precision fall elsewhere in every version of a runtime: the distance to float32 is what counts. */
const ROUNDING_SHARE = 2

interface Check {
  /** Of that layout's latents to the model's own; what its element types cost. */
  max_abs_diff_final_latents?: number
  shape?: number[]
}

/** `folder` is "<model>-layouts", with "<model>" beside it. */
export async function runLayouts(folder: string): Promise<FileResult[]> {
  const checks = parsePythonJson(readFileSync(path.join(folder, CHECKS_FILE), 'utf8')) as Record<
    string,
    Record<string, Check>
  >
  const model = folder.slice(0, -SUFFIX.length)
  const golden = path.join(model, 'golden')
  const found: FileResult[] = []
  const add = (name: string, results: CaseResult[]) => found.push({ file: `${path.basename(folder)}/${name}`, results })
  for (const [layout, cases] of Object.entries(checks)) {
    const runs = Object.entries(cases).filter(([, check]) => check.shape !== undefined)
    const parts = Object.keys(cases).filter(id => cases[id]?.shape === undefined)
    add(layout, [
      ...(runs.length > 0 ? await runLayout(path.join(folder, layout), golden, runs) : []),
      ...(parts.length > 0 ? await runTextPart(model, path.join(folder, layout), parts) : []),
    ])
  }
  for (const name of unnamedFolders(folder, Object.keys(checks))) {
    const faulty = await runFaultyModels(path.join(folder, name))
    add(name, faulty ?? [await failingCase('the layout', `${CHECKS_FILE} does not name it`).run()])
  }
  return found
}

function unnamedFolders(folder: string, named: readonly string[]): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => !entry.isFile() && !named.includes(entry.name))
    .map(({ name }) => name)
}

/** A text encoder without the rest of a model: it runs in the model's own place. */
async function runTextPart(model: string, folder: string, ids: readonly string[]): Promise<CaseResult[]> {
  const graph = path.join(folder, 'text_encoder', 'model.onnx')
  return withModel(
    model,
    async opened => {
      const results: CaseResult[] = []
      for (const id of ids) {
        results.push(
          await compared(id, comparison =>
            replayCase(opened, readCaseFiles(path.join(model, 'golden'), id), comparison, FLOAT32),
          ),
        )
      }
      return results
    },
    async folder => withEncoder(await readModelFiles(folder), graph),
  )
}

async function runLayout(folder: string, golden: string, cases: [string, Check][]): Promise<CaseResult[]> {
  return withModel(folder, async model => {
    const results: CaseResult[] = []
    const isHalf = model.components.denoiser.sample.dtype === 'float16'
    for (const [id, check] of cases) {
      results.push(
        await compared(id, comparison => {
          const caseFiles = readCaseFiles(golden, id)
          const cost = check.max_abs_diff_final_latents ?? 0
          const target = isHalf
            ? caseFiles.array('final_latents')
            : readLatents(path.join(folder, 'golden', `${id}.final_latents.bin`), check)
          if (target === null) throw new Error('the final latents are not recorded')
          const largest = target.data.reduce((max, value) => Math.max(max, Math.abs(value)), 0)
          const latents = isHalf ? ROUNDING_SHARE * cost : FLOAT32.latents * largest
          return replayCase(model, caseFiles, comparison, { ...FLOAT32, latents }, target)
        }),
      )
    }
    return results
  })
}

function readLatents(file: string, { shape }: Check): FloatTensor | null {
  if (shape === undefined) return null
  const bytes = readFileSync(file)
  return {
    dims: shape,
    data: new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)),
  }
}
