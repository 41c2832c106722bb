import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const ROOT = path.join(import.meta.dirname, '../../..')
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

  it.each([[['--unknown']], [['/no/such/folder']]])('ends with 2 for %j', argv => {
    const { status, stderr } = parity(...argv)
    expect(status).toBe(2)
    expect(stderr).not.toContain('    at ')
  })
})
