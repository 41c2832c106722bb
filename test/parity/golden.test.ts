import path from 'node:path'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { casesOfGoldenFile } from '../../scripts/parity/golden-file'
import { parsePythonJson } from '../../scripts/parity/python-json'

const FOLDER = path.join(import.meta.dirname, '../fixtures/golden')

describe.each(readdirSync(FOLDER).filter(file => file.endsWith('.json')))('%s', file => {
  const cases = casesOfGoldenFile(parsePythonJson(readFileSync(path.join(FOLDER, file), 'utf8')))

  it('has cases', () => {
    expect(cases.length).toBeGreaterThan(0)
  })

  it.each(cases)('$id equals the reference', async parityCase => {
    const { passed, where, expected, actual } = await parityCase.run()
    expect({ passed, where, expected, actual }).toMatchObject({ passed: true })
  })
})
