import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { casesOfGoldenFile } from '../../../../scripts/parity/golden-file'
import { parsePythonJson } from '../../../../scripts/parity/python-json'

const FOLDER = path.join(import.meta.dirname, '../../../fixtures/golden')

function read(file: string): unknown {
  return parsePythonJson(readFileSync(path.join(FOLDER, file), 'utf8'))
}

function records(file: string): Record<string, unknown>[] {
  return read(file) as Record<string, unknown>[]
}

async function resultsOf(content: unknown) {
  return Promise.all(casesOfGoldenFile(content).map(async parityCase => parityCase.run()))
}

describe('casesOfGoldenFile', () => {
  it('tells records apart by their shape, also when one file mixes them', async () => {
    const mixed = [records('ddpm.json')[0], records('schedules.json')[0], records('scheduler_cases.json')[1]]
    const results = await resultsOf(mixed)
    expect(results.map(({ passed }) => passed)).toEqual([true, true, true])
  })

  it('runs the sections of a file of functions one by one', async () => {
    const { calculate_shift: section } = read('functions.json') as Record<string, unknown>
    const results = await resultsOf({ calculate_shift: section })
    expect(results.length).toBeGreaterThan(1)
    expect(results.every(({ id, passed }) => id.startsWith('calculate_shift: ') && passed)).toBe(true)
  })

  it.each([
    [[{ id: 'new', kind: 'unheard of' }], 'a record with id, kind'],
    [[42], 'no object'],
    [{ something: 1 }, 'an object with something'],
    ['text', 'neither a list nor an object'],
    [{ calculate_shift: { cases: 'none' } }, 'expected array'],
  ])('fails %j, which it cannot run', async (content, reason) => {
    const results = await resultsOf(content)
    expect(results.map(({ passed }) => passed)).toEqual([false])
    expect(results[0].actual).toContain(reason)
  })

  it('fails an unknown function beside known ones by its name', async () => {
    const functions = read('functions.json') as Record<string, unknown>
    const results = await resultsOf({ calculate_shift: functions.calculate_shift, a_new_one: {} })
    expect(results.filter(({ passed }) => !passed).map(({ id }) => id)).toEqual(['a_new_one'])
  })

  it('says what was expected and what came out when a number is off', async () => {
    const [record] = records('scheduler_cases.json').filter(({ expected_abs_sum }) => expected_abs_sum !== null)
    const [result] = await resultsOf([{ ...record, expected_abs_sum: Number(record.expected_abs_sum) + 1 }])
    expect(result).toMatchObject({ passed: false, where: 'sum of |x|' })
    expect(Number(result.expected) - Number(result.actual)).toBeCloseTo(1, 2)
  })

  it('fails a config field that the sampler does not support, by its name', async () => {
    const [record] = records('euler.json')
    const config = { ...(record.config as object), use_imaginary_sigmas: true }
    const [result] = await resultsOf([{ ...record, config }])
    expect(result.passed).toBe(false)
    expect(result.actual).toContain('use_imaginary_sigmas')
  })

  it('reads the infinities that Python writes', () => {
    expect(parsePythonJson('{"a": -Infinity, "b": [NaN, 1]}')).toEqual({ a: '-Infinity', b: ['NaN', 1] })
  })
})
