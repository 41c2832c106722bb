/** The bootstrap in a toy checkout: the real scripts, a fake npm on the PATH and a fake Vite; no network, no packages. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const SCRIPTS = fileURLToPath(new URL('../../../scripts', import.meta.url))

/** Does what `npm ci` does to the folder, slowly enough for a second one to meet it; its mood is in files beside it. */
const FAKE_NPM = `#!${process.execPath}
const fs = require('node:fs')
const path = require('node:path')
const { execPath } = process
fs.appendFileSync('npm-calls.txt', process.argv.slice(2).join(' ') + '\\n')
if (fs.existsSync('npm-fails')) { console.log('npm error network unreachable'); process.exit(1) }
fs.rmSync('node_modules', { recursive: true, force: true })
setTimeout(() => {
  const lock = JSON.parse(fs.readFileSync('package-lock.json', 'utf8'))
  for (const place of Object.keys(lock.packages)) {
    if (place === '') continue
    fs.mkdirSync(place, { recursive: true })
    fs.writeFileSync(path.join(place, 'package.json'), '{}')
  }
  fs.mkdirSync('node_modules/node/bin', { recursive: true })
  if (!fs.existsSync('npm-forgets-node')) fs.symlinkSync(execPath, 'node_modules/node/bin/node')
  fs.mkdirSync('node_modules/vite/bin', { recursive: true })
  fs.copyFileSync('fake-vite.cjs', 'node_modules/vite/bin/vite.js')
  fs.writeFileSync('node_modules/.package-lock.json', JSON.stringify(lock))
}, 300)
`

const FAKE_VITE = `
const fs = require('node:fs')
const folder = process.argv[process.argv.indexOf('--outDir') + 1]
fs.appendFileSync('vite-calls.txt', 'build\\n')
if (fs.readFileSync('renderer/main.ts', 'utf8').includes('broken')) { console.error('main.ts: unexpected token'); process.exit(1) }
fs.mkdirSync(folder, { recursive: true })
fs.writeFileSync(folder + '/index.html', fs.readFileSync('renderer/main.ts', 'utf8'))
`

const FAKE_CLI = `
if (process.argv.includes('wait')) {
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => { console.log('heard', signal); setTimeout(() => process.exit(signal === 'SIGINT' ? 130 : 143), 50) })
  console.log('waiting', process.pid)
  setInterval(() => {}, 1000)
} else {
  console.log(JSON.stringify({ arguments: process.argv.slice(2), cwd: process.cwd() }))
  process.exitCode = Number(process.env.FAKE_EXIT_CODE ?? 0)
}
`

let root: string

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'easel bootstrap ')) // with a space: every path must survive one
  cpSync(path.join(SCRIPTS, 'bootstrap.mjs'), path.join(root, 'scripts/bootstrap.mjs'))
  cpSync(path.join(SCRIPTS, 'bootstrap'), path.join(root, 'scripts/bootstrap'), { recursive: true })
  write('package.json', JSON.stringify({ type: 'module', devDependencies: { vite: '1.0.0' } }))
  writeLock('sha512-a')
  write('fake-vite.cjs', FAKE_VITE)
  write('main/hosts/cli/main.ts', FAKE_CLI)
  write('renderer/main.ts', 'page one')
  write('bin/npm', FAKE_NPM)
  write('bin/package.json', '{ "type": "commonjs" }')
  chmodSync(path.join(root, 'bin/npm'), 0o755)
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(file: string, content: string) {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true })
  writeFileSync(path.join(root, file), content)
}

function writeLock(integrity: string) {
  write('package-lock.json', JSON.stringify({ packages: { '': {}, 'node_modules/vite': { integrity } } }))
}

function read(file: string): string {
  return existsSync(path.join(root, file)) ? readFileSync(path.join(root, file), 'utf8') : ''
}

function callsOf(tool: 'npm' | 'vite'): number {
  return read(`${tool}-calls.txt`).split('\n').length - 1
}

function start(argumentList: string[], environment: Record<string, string> = {}): ChildProcess {
  // As if the user had typed it: nothing of the npm that runs this test.
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_|^INIT_CWD$/.test(name)))
  return spawn(process.execPath, ['scripts/bootstrap.mjs', ...argumentList], {
    cwd: root,
    env: { ...inherited, PATH: `${path.join(root, 'bin')}${path.delimiter}${process.env.PATH}`, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function bootstrap(argumentList: string[], environment: Record<string, string> = {}) {
  const child = start(argumentList, environment)
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', chunk => (stdout += String(chunk)))
  child.stderr?.on('data', chunk => (stderr += String(chunk)))
  await once(child, 'close')
  return { code: child.exitCode, stdout, stderr }
}

describe('installing', () => {
  it('installs into an empty checkout, says so in one line, and runs the command', async () => {
    const { code, stdout, stderr } = await bootstrap(['generate', 'a red apple', '--out', 'a b.png'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual({ arguments: ['generate', 'a red apple', '--out', 'a b.png'], cwd: root })
    expect(stderr).toBe('easel: Installing packages (once, about a minute).\n')
    expect(read('npm-calls.txt')).toContain('ci --include=dev')
  })

  it('installs once, and again when the lock file has changed', async () => {
    await bootstrap(['models'])
    await bootstrap(['models'])
    expect(callsOf('npm')).toBe(1)
    writeLock('sha512-b')
    const { stderr } = await bootstrap(['models'])
    expect(callsOf('npm')).toBe(2)
    expect(stderr).toContain('Installing packages again')
  })

  it('accepts packages that somebody installed by hand', async () => {
    await bootstrap(['models'])
    rmSync(path.join(root, 'node_modules/.easel-installed'))
    const { stderr } = await bootstrap(['models'])
    expect(callsOf('npm')).toBe(1)
    expect(stderr).toBe('')
  })

  it('repairs an install that was interrupted before its end', async () => {
    await bootstrap(['models'])
    rmSync(path.join(root, 'node_modules/.easel-installed'))
    rmSync(path.join(root, 'node_modules/.package-lock.json'))
    expect((await bootstrap(['models'])).code).toBe(0)
    expect(callsOf('npm')).toBe(2)
  })

  it('repairs a node_modules of which a part was deleted', async () => {
    await bootstrap(['models'])
    rmSync(path.join(root, 'node_modules/vite'), { recursive: true })
    expect((await bootstrap(['models'])).code).toBe(0)
    expect(callsOf('npm')).toBe(2)
  })

  it('repairs an install that lacks an optional package for this very platform', async () => {
    const native = { integrity: 'sha512-n', optional: true, os: [process.platform], cpu: [process.arch] }
    const packages = { '': {}, 'node_modules/vite': { integrity: 'sha512-a' }, 'node_modules/native': native }
    write('package-lock.json', JSON.stringify({ packages }))
    await bootstrap(['models'])
    rmSync(path.join(root, 'node_modules/.easel-installed'))
    const { 'node_modules/native': _, ...others } = packages
    write('node_modules/.package-lock.json', JSON.stringify({ packages: others }))
    await bootstrap(['models'])
    expect(callsOf('npm')).toBe(2)
  })

  it('shows what npm said and a sentence when the install fails, without a stack trace', async () => {
    write('npm-fails', '')
    const { code, stdout, stderr } = await bootstrap(['generate', 'x'])
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toContain('npm error network unreachable')
    expect(stderr).toContain('run the same command again')
    expect(stderr).not.toContain('    at ')
  })

  it('lets two commands that start together install once', async () => {
    const [a, b] = await Promise.all([bootstrap(['models']), bootstrap(['gallery'])])
    expect([a.code, b.code]).toEqual([0, 0])
    expect(callsOf('npm')).toBe(1)
    expect(a.stderr + b.stderr).toContain('Another Easel command is installing packages')
  })

  it('takes over the lock of a command that was killed', async () => {
    write(
      '.cache/install.lock/owner.json',
      JSON.stringify({ token: 'x', pid: 2 ** 22 + 1, host: (await import('node:os')).hostname() }),
    )
    expect((await bootstrap(['models'])).code).toBe(0)
    expect(existsSync(path.join(root, '.cache/install.lock'))).toBe(false)
  })

  it('runs with a new enough Node of its own when the package brought none', async () => {
    write('npm-forgets-node', '')
    const { code, stdout } = await bootstrap(['models'])
    expect(code).toBe(0)
    expect(stdout).toContain('models')
  })
})

describe('handing over', () => {
  it('refuses an unknown command with the list of those there are', async () => {
    const { code, stderr } = await bootstrap(['paint'])
    expect(code).toBe(2)
    expect(stderr).toContain('There is no command "paint". The commands are start, test, generate')
    expect(callsOf('npm')).toBe(0)
  })

  it('passes the exit code on', async () => {
    expect((await bootstrap(['generate'], { FAKE_EXIT_CODE: '2' })).code).toBe(2)
  })

  it('runs the command where the user typed it when npm has moved to the checkout', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'easel-user-'))
    try {
      const { stdout } = await bootstrap(['generate'], { npm_lifecycle_event: 'generate', INIT_CWD: folder })
      expect(JSON.parse(stdout)).toMatchObject({ cwd: folder })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('passes %s on once, waits for the command and ends with %i', async (signal, expected) => {
    await bootstrap(['models'])
    const child = start(['generate', 'wait'])
    let stdout = ''
    const ready = new Promise<void>(resolve => {
      child.stdout?.on('data', chunk => {
        stdout += String(chunk)
        if (stdout.includes('waiting')) resolve()
      })
    })
    await ready
    const commandPid = Number(/waiting (\d+)/.exec(stdout)?.[1])
    child.kill(signal)
    child.kill(signal) // npm repeats what the terminal has already sent
    await once(child, 'close')
    expect(child.exitCode).toBe(expected)
    expect(stdout.match(/heard/g)).toHaveLength(1)
    expect(() => process.kill(commandPid, 0)).toThrow('ESRCH')
  })
})

describe('an obstacle of the file system', () => {
  it('is one sentence with the path, and no stack trace', async () => {
    write('.cache', 'a file where a folder belongs')
    const { code, stderr } = await bootstrap(['models'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^easel: E[A-Z]+: .*\.cache.*\n$/)
  })
})

describe('the page', () => {
  it('is built for the commands that show it, and for no other', async () => {
    await bootstrap(['models'])
    expect(callsOf('vite')).toBe(0)
    const { stderr } = await bootstrap(['serve'])
    expect(stderr).toBe('easel: Building the page.\n')
    expect(read('dist/page/index.html')).toBe('page one')
  })

  it('is built again only when a source has changed', async () => {
    await bootstrap(['serve'])
    await bootstrap(['serve'])
    expect(callsOf('vite')).toBe(1)
    write('renderer/main.ts', 'page two')
    await bootstrap(['serve'])
    expect(read('dist/page/index.html')).toBe('page two')
  })

  it('has nothing in its folder that a browser does not ask for', async () => {
    await bootstrap(['serve'])
    expect(readdirSync(path.join(root, 'dist/page'))).toEqual(['index.html'])
  })

  it('is built again when it is gone', async () => {
    await bootstrap(['serve'])
    rmSync(path.join(root, 'dist/page'), { recursive: true })
    await bootstrap(['serve'])
    expect(callsOf('vite')).toBe(2)
    expect(read('dist/page/index.html')).toBe('page one')
  })

  it('is built again when a source was removed', async () => {
    write('renderer/extra.ts', 'x')
    await bootstrap(['serve'])
    rmSync(path.join(root, 'renderer/extra.ts'))
    await bootstrap(['serve'])
    expect(callsOf('vite')).toBe(2)
  })

  it('keeps the old page when the new one does not build, and says why', async () => {
    await bootstrap(['serve'])
    appendFileSync(path.join(root, 'renderer/main.ts'), ' broken')
    const { code, stderr } = await bootstrap(['serve'])
    expect(code).toBe(1)
    expect(stderr).toContain('main.ts: unexpected token')
    expect(read('dist/page/index.html')).toBe('page one')
  })
})
