/** Other file layouts of one model: `checks.json` names layouts and cases, the cases lie in the folder of the model itself. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { FloatTensor } from '#pipeline/tensor'
import { failingCase, type CaseResult } from '../comparison.ts'
import type { FileResult } from '../folder.ts'
import { parsePythonJson } from '../python-json.ts'
import { readCaseFiles } from './pipeline-case.ts'
import { FLOAT32, replayCase } from './replay-case.ts'
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
  const golden = path.join(folder.slice(0, -SUFFIX.length), 'golden')
  const found: FileResult[] = []
  for (const [layout, cases] of Object.entries(checks)) {
    const ids = Object.entries(cases).filter(([, check]) => check.shape !== undefined)
    if (ids.length === 0) continue // a part of a model, without a run of its own
    found.push({
      file: `${path.basename(folder)}/${layout}`,
      results: await runLayout(path.join(folder, layout), golden, ids),
    })
  }
  return found
}

async function runLayout(folder: string, golden: string, cases: [string, Check][]): Promise<CaseResult[]> {
  return withModel(folder, async model => {
    const results: CaseResult[] = []
    for (const [id, check] of cases) {
      const cost = check.max_abs_diff_final_latents ?? 0
      const caseFiles = readCaseFiles(golden, id)
      const isHalf = model.components.denoiser.sample.dtype === 'float16'
      const target = isHalf
        ? caseFiles.array('final_latents')
        : readLatents(path.join(folder, 'golden', `${id}.final_latents.bin`), check)
      if (target === null) {
        results.push(await failingCase(id, 'no target').run())
        continue
      }
      const largest = target.data.reduce((max, value) => Math.max(max, Math.abs(value)), 0)
      const latents = isHalf ? ROUNDING_SHARE * cost : FLOAT32.latents * largest
      results.push(
        await compared(id, comparison => replayCase(model, caseFiles, comparison, { ...FLOAT32, latents }, target)),
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
