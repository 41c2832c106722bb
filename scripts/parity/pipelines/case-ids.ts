/** The cases of a folder of goldens: all that its `index.json` lists and all that lie in it; one without its file has to fail, not to vanish. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { parsePythonJson } from '../python-json.ts'

const INDEX = 'index.json'
const indexSchema = z.object({ cases: z.array(z.union([z.string(), z.object({ id: z.string() })])) })

/** Throws where there is no index, or none that lists cases. */
export function caseIds(folder: string): string[] {
  const { cases } = indexSchema.parse(parsePythonJson(readFileSync(path.join(folder, INDEX), 'utf8')))
  const listed = cases.map(entry => (typeof entry === 'string' ? entry : entry.id))
  const present = readdirSync(folder)
    .filter(file => file.endsWith('.json') && file !== INDEX)
    .map(file => file.slice(0, -'.json'.length))
  return [...new Set([...listed, ...present])].sort()
}
