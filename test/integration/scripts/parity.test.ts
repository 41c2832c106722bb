import { spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const ROOT = path.join(import.meta.dirname, '../../..')
const MODELS = path.join(ROOT, 'test/fixtures/models')
const GOLDEN = path.join(ROOT, 'test/fixtures/golden')

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'easel-parity-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function parity(...argv: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/parity/main.ts', ...argv], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

/** Files and their texts in turn, in the folder that is asked for. */
function put(...filesAndTexts: string[]): void {
  for (let i = 0; i < filesAndTexts.length; i += 2) {
    const file = path.join(folder, 'asked', filesAndTexts[i] ?? '')
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, filesAndTexts[i + 1] ?? '')
  }
}

describe('npm run parity', () => {
  it('prints one line a file, whatever its name and folder, and ends with 0 when all pass', () => {
    mkdirSync(path.join(folder, 'more'))
    copyFileSync(path.join(GOLDEN, 'tcd.json'), path.join(folder, 'renamed.json'))
    copyFileSync(path.join(GOLDEN, 'schedules.json'), path.join(folder, 'more/tables.json'))
    const { status, stdout } = parity(folder)
    expect(stdout).toMatch(/✓ renamed\.json +8 cases +8 passed +worst error .+, tolerance /)
    expect(stdout).toMatch(/✓ more\/tables\.json +7 cases +7 passed/)
    expect(stdout).toContain('15 passed, 0 failed')
    expect(status).toBe(0)
  })

  it('lists what failed with expected and actual, and ends with 1', () => {
    const records = JSON.parse(readFileSync(path.join(GOLDEN, 'lcm.json'), 'utf8')) as { init_noise_sigma: number }[]
    records[0].init_noise_sigma = 2
    writeFileSync(path.join(folder, 'lcm.json'), JSON.stringify(records))
    const { status, stdout } = parity(folder)
    expect(stdout).toMatch(/✗ lcm\.json +4 cases +3 passed/)
    expect(stdout).toMatch(/initNoiseSigma\[0\]: expected 2, got 1/)
    expect(status).toBe(1)
  })

  it('reports as JSON', () => {
    copyFileSync(path.join(GOLDEN, 'tcd.json'), path.join(folder, 'tcd.json'))
    const { status, stdout } = parity('--json', folder)
    const report = JSON.parse(stdout) as { cases: number; files: { file: string; failing: unknown[] }[] }
    expect(report).toMatchObject({ cases: 8, passed: 8, failed: 0 })
    expect(report.files[0]).toMatchObject({ file: 'tcd.json', failing: [] })
    expect(status).toBe(0)
  })

  it('counts a file that is no JSON as a failure', () => {
    writeFileSync(path.join(folder, 'broken.json'), '{')
    expect(parity(folder)).toMatchObject({ status: 1 })
  })

  it('counts a case that the index names and that is not there as a failure, and runs one that only lies there', () => {
    cpSync(path.join(MODELS, 'lcm'), path.join(folder, 'lcm'), { recursive: true })
    writeFileSync(path.join(folder, 'lcm/golden/index.json'), '{"cases": ["t2i-4-g1", {"id": "gone"}]}')
    const { status, stdout } = parity(folder)
    expect(stdout).toMatch(/✗ lcm\/golden +3 cases +2 passed/)
    expect(stdout).toMatch(/✗ lcm\/golden {2}gone\n.*gone\.json/)
    expect(status).toBe(1)
  })

  it('counts a flow model whose goldens lack a case as a failure', () => {
    mkdirSync(path.join(folder, 'golden-x'))
    writeFileSync(path.join(folder, 'golden-x/index.json'), '{"model": "../x", "cases": ["gone"]}')
    const { status, stdout } = parity(folder)
    expect(stdout).toMatch(/golden-x {2}gone/)
    expect(status).toBe(1)
  })

  it.each([
    ['an empty folder', () => undefined, /✗ \. {2}the folder\n.*no case/],
    ['a model without goldens', () => put('m/model_index.json', '{}'), /✗ m {2}the model\n.*no case/],
    ['goldens without an index', () => put('m/model_index.json', '{}', 'm/golden/a.json', '{}'), /✗ m {2}the folder/],
    [
      'an index without cases',
      () => put('m/golden/index.json', '{"cases": []}'),
      /✗ m\/golden {2}the cases\n.*no case/,
    ],
    ['an index that is none', () => put('m/golden/index.json', '{'), /✗ m {2}the folder/],
    ['a file without cases', () => put('none.json', '[]'), /✗ none\.json {2}the file\n.*no case/],
    ['a file of a kind that nobody reads', () => put('numbers.npz', 'PK'), /✗ numbers\.npz .*the file\n.*\.npz/],
    [
      'a golden of a checkpoint that nobody runs',
      () => put('c/hints.json', '{}', 'c/golden/dance.json', '{}'),
      /✗ c\/golden {2}dance\n/,
    ],
    ['a tokenizer without cases', () => put('tokenizer-cases.json', '{"tokenizers": {}}'), /the cases\n/],
  ])('counts %s as a failure, beside a folder that passes', (_, write, said) => {
    const sound = path.join(folder, 'sound')
    mkdirSync(sound)
    copyFileSync(path.join(GOLDEN, 'tcd.json'), path.join(sound, 'tcd.json'))
    write()
    const asked = path.join(folder, 'asked')
    mkdirSync(asked, { recursive: true })
    const { status, stdout } = parity(sound, asked)
    expect(stdout).toMatch(said)
    expect(stdout).toContain('8 passed, 1 failed')
    expect(status).toBe(1)
  })

  it.each([[['--unknown']], [['/no/such/folder']]])('ends with 2 for %j', argv => {
    const { status, stderr } = parity(...argv)
    expect(status).toBe(2)
    expect(stderr).not.toContain('    at ')
  })
})
