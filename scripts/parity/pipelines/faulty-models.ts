/**
 * `broken/broken.json` beside other layouts: faults, each of which is laid over a copy of the sound model. Every one has to
 * be refused, for one of the files that were changed or taken away, as a user would see it before anything is loaded.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import { inspectModel } from '#catalog/detect/inspect-model'
import type { CaseResult } from '../comparison.ts'
import { parsePythonJson } from '../python-json.ts'
import { compared } from './with-model.ts'

const FAULTS = 'broken.json'
const faultsSchema = z.array(
  z.object({
    id: z.string(),
    base: z.string(),
    overlay: z.string().nullable(),
    files: z.array(z.string()),
    remove: z.array(z.string()),
    reason: z.string(),
  }),
)
type Fault = z.infer<typeof faultsSchema>[number]

/** null where `folder` has no faults. Throws where their list cannot be read. */
export async function runFaultyModels(folder: string): Promise<CaseResult[] | null> {
  const list = path.join(folder, FAULTS)
  if (!existsSync(list)) return null
  const results: CaseResult[] = []
  for (const fault of faultsSchema.parse(parsePythonJson(readFileSync(list, 'utf8')))) {
    results.push(await runFault(folder, fault))
  }
  return results
}

async function runFault(folder: string, fault: Fault): Promise<CaseResult> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'easel-parity-'))
  try {
    return await compared(fault.id, async comparison => {
      const model = path.join(scratch, 'model')
      build(folder, fault, model)
      const { usable, problems } = await inspectModel(model)
      comparison.exact('usable', false, usable)
      const touched = [...fault.files, ...fault.remove]
      const [first = null] = problems
      const named = String(first?.details?.['file'] ?? '')
      const isNamed = touched.some(
        file => isWithin(named, file) || isWithin(file, named) || (first?.message ?? '').includes(file),
      )
      if (!isNamed) comparison.fail(fault.reason, `a problem of ${touched.join(', ')}`, first?.message ?? 'no problem')
    })
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** The sound model without its goldens and what else lies in it, without what is taken away, under what is laid over it. */
function build(folder: string, { base, overlay, remove }: Fault, model: string): void {
  const sound = path.resolve(folder, base)
  const leftOut = ['golden', 'diffusers'].map(name => path.join(sound, name))
  cpSync(sound, model, { recursive: true, filter: source => !leftOut.includes(source) })
  for (const file of remove) rmSync(path.join(model, file), { recursive: true, force: true })
  if (overlay === null) return
  mkdirSync(model, { recursive: true })
  cpSync(path.join(folder, overlay), model, { recursive: true })
}

function isWithin(file: string, folder: string): boolean {
  return file === folder || file.startsWith(`${folder}/`)
}
