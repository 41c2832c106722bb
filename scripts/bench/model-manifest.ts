/** The manifest of a model's folder, as the catalogue reads it. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { modelManifestSchema, type ModelManifest } from '#contract/models'
import { parseInput } from '#contract/parse'

export function readModelManifest(folder: string): ModelManifest {
  return parseInput(modelManifestSchema, JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8')))
}
