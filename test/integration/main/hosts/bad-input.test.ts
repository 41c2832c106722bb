import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { METHOD_NAMES } from '#contract/methods'
import { runProgram } from '#test/run-program'
import { scratchFolder } from '#test/scratch-folder'
import { openTestApp } from '#test/test-app'
import { openTestServer, sendRaw } from '#test/test-server'
import { runCommand } from '#test/test-terminal'

const STEPS = 'a whole number from 1 to 1000'
const SIZE = 'a whole number from 64 to 4096, a multiple of 8'
const SEED = 'a whole number from -1 to 9007199254740991'

/** Field, the value as JSON, the value as typed, what the message says of the value and of what is allowed. */
const WRONG: [string, unknown, string, string, string][] = [
  ['steps', 0, '0', '0', STEPS],
  ['steps', -1, '-1', '-1', STEPS],
  ['steps', 1e9, '1e9', '1e9|1000000000', STEPS],
  ['steps', 2.5, '2.5', '2.5', STEPS],
  ['steps', null, 'NaN', 'null|"NaN"', STEPS],
  ['steps', 'abc', 'abc', '"abc"', STEPS],
  ['steps', '20', '', '"20"|""', STEPS],
  ['width', 7, '7', '7', SIZE],
  ['width', 65, '65', '65', SIZE],
  ['height', 1e6, '1000000', '1000000', SIZE],
  ['guidance', null, 'NaN', 'null|"NaN"', 'a number from 0 to 50'],
  ['guidance', 51, '51', '51', 'a number from 0 to 50'],
  ['scheduler', 'magic', 'magic', '"magic"', 'ddim, euler'],
  ['model', 'nobody', 'nobody', '"nobody"', 'starter'],
  ['model', '../../etc', '../../etc', '"../../etc"', 'an id of letters'],
  ['seed', -2, '-2', '-2', SEED],
  ['seed', 2 ** 53, '9007199254740992', '9007199254740992', SEED],
  ['seed', 1.5, '1.5', '1.5', SEED],
  ['images', 0, '0', '0', 'a whole number from 1 to 100'],
  ['variationStrength', 2, '2', '2', 'a number from 0 to 1'],
  ['noiseSource', 'dice', 'dice', '"dice"', 'torch-cpu'],
]

test.each(WRONG)(
  'over HTTP, %s = %j is refused by field, value and what is allowed',
  async (field, value, _, shown, allowed) => {
    const server = await openTestServer()
    const { status, reply } = await server.call('jobs.submit', { prompt: 'x', [field]: value })
    expect(status).toBe(400)
    expect(reply).toMatchObject({ ok: false, error: { code: 'invalid-input', issues: [{ path: field }] } })
    const [issue] = reply.ok ? [] : (reply.error.issues ?? [])
    expect(shown.split('|')).toContain(issue.value)
    expect(issue.allowed).toContain(allowed)
    expect(await server.app.api.jobs.list({})).toEqual([])
    expect((await server.app.api.gallery.list({})).total).toBe(0)
  },
)

test.each(WRONG)(
  'on the command line, %s: %j (%s) ends with exit code 2 and the same words',
  async (field, _, typed, shown, allowed) => {
    const app = await openTestApp()
    const flag = `--${field.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
    const { code, stdout, stderr } = await runCommand(['generate', 'x', flag, typed], { app })
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain(`${flag} is `)
    expect(shown.split('|').some(value => stderr.includes(value))).toBe(true)
    expect(stderr).toContain(allowed)
    expect((await app.api.gallery.list({})).total).toBe(0)
  },
)

test.each([
  [['generate'], /prompt is missing/],
  [['generate', 'a', 'red', 'apple'], /prompt is in 3 pieces/],
  [['generate', 'x', '--prompt', 'y'], /prompt is given twice/],
  [['generate', 'x', '--stepz', '5'], /--stepz is not a flag of this command; allowed: did you mean --steps\?/],
  [['generate', 'x', '--steps'], /--steps is without a value; allowed: --steps N/],
  [['generate', 'x', '--steps', '--seed', '3'], /--steps is without a value/],
  [['generate', 'x', '--steps', '5', '--steps', '6'], /--steps is given twice/],
  [['generate', 'x', '--json=yes'], /--json is "yes"; allowed: no value/],
  [['generate', 'x', '--out', 'apple.jpg'], /--out is "apple.jpg"; allowed: a file name that ends in .png/],
  [['generate', 'x', '--out', `${import.meta.filename}/deep/apple.png`], /--out is .*cannot be written/],
  [['generate', 'x', '--out', `${import.meta.filename}/apple.png`], /--out is .*is not a folder/],
  [['gallery', 'list', '--limit', '0'], /^--limit is 0; allowed: a whole number from 1 to 500/],
  [['gallery', 'list', '--cursor', 'x'], /^--cursor is "x"; allowed: nextCursor of the page before/],
  [['gallery', 'list', '--scheduler', 'x'], /^--scheduler is "x"; allowed: ddim, /],
  [['gallery', 'delete', 'x', '--limit', '5'], /^--limit is given to "delete"; allowed: with "list"/],
  [['gallery', 'purge'], /allowed: list, show ID/],
  [
    ['generate', 'x', '--image', 'x.png', '--area', '1,2,3'],
    /^--area is "1,2,3"; allowed: four whole numbers: left,top/,
  ],
  [['generate', 'x', '--image', 'x.png', '--area', '0,0,64,64,99'], /^--area is "0,0,64,64,99"; allowed: four/],
  [['generate', 'x', '--image', 'x.png', '--area', '0,0,,64'], /^--area is "0,0,,64"; allowed: four/],
  [['generate', 'x', '--guidance', '.5x'], /^--guidance is ".5x"; allowed: a number from 0 to 50/],
  [['settings', 'set', 'memory-mb', '-1'], /^memory-mb is -1; allowed: a whole number/],
  [['gallery', 'frobnicate'], /gallery is "frobnicate"; allowed: list, show ID/],
  [['gallery', 'show'], /allowed: list, show ID/],
  [['models', 'check', '/nowhere'], /There is no folder \/nowhere/],
  [['serve', '--port', '70000'], /--port is 70000; allowed: a whole number from 0 to 65535/],
  [['serve', '--port', 'abc'], /--port is "abc"/],
  [['serve', '--host', '0.0.0.0'], /--token is missing, and 0.0.0.0 can be reached by others/],
  [['serve', '--host', '0.0.0.0', '--token', 'short'], /--token is 5 characters/],
  [['generat', 'x'], /There is no command "generat"; did you mean "generate"\?/],
])('the command line names what is wrong: %j', async (words, message) => {
  const { code, stdout, stderr } = await runCommand(words, words[0] === 'gallery' ? { app: await openTestApp() } : {})
  expect(stderr).toMatch(message)
  expect(code).toBe(2)
  expect(stdout).toBe('')
  expect(stderr).not.toMatch(/\n {4}at /)
})

test('a prompt of a megabyte is refused by its field and not repeated', async () => {
  const { code, stderr } = await runCommand(['generate', 'a'.repeat(1_000_000)])
  expect(code).toBe(2)
  expect(stderr).toMatch(/^prompt is "a+… \(1000000 characters\); allowed: text of at most 10000 characters/)
  expect(stderr.length).toBeLessThan(400)
})

test('with --json an error is JSON on standard output', async () => {
  const { code, stdout, stderr } = await runCommand(['generate', 'x', '--steps', '0', '--json'])
  expect(code).toBe(2)
  expect(JSON.parse(stdout)).toMatchObject({
    ok: false,
    error: { code: 'invalid-input', issues: [{ path: '--steps', value: '0' }] },
  })
  expect(stderr).toBe('')
})

test('a real process says the same and writes nothing at all', async () => {
  const dataFolder = await scratchFolder()
  const { code, stderr } = await runProgram(['generate', 'x', '--steps', 'abc', '--out', 'x.png'], { dataFolder })
  expect(code).toBe(2)
  expect(stderr).toContain('--steps is "abc"; allowed: a whole number from 1 to 1000.')
  expect(await readdir(dataFolder)).toEqual([])
})

test.each(METHOD_NAMES)('%s refuses a body that is no object and an unknown field', async method => {
  const { port } = await openTestServer()
  for (const body of ['[]', '7', 'null', '"x"', '{"__proto__":{"x":1},"no-such":1}']) {
    const answer = await sendRaw(port, {
      path: `/api/${method}`,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    expect(answer.status).toBe(400)
    expect(JSON.parse(answer.text)).toMatchObject({ ok: false, error: { code: 'invalid-input' } })
  }
})

test.each(['красное яблоко', '赤いりんご', 'تفاحة حمراء', '🍎🎨', 'e\u0301 "quotes" <b>&amp; \\', ''])(
  'a prompt in any script is kept to the letter: %s',
  async prompt => {
    const server = await openTestServer()
    const { status, reply } = await server.call('jobs.submit', { prompt, width: 64, height: 64, steps: 1 })
    expect(status).toBe(200)
    const job = (await server.app.api.jobs.list({}))[0]
    expect(reply).toMatchObject({ value: { request: { prompt } } })
    await server.app.finished(job.id)
    expect((await server.app.api.gallery.list({})).images[0].request.prompt).toBe(prompt)
    const out = join(server.app.dataFolder, 'out.png')
    const cli = await runCommand(
      ['generate', '--width', '64', '--height', '64', '--steps', '1', '--out', out, '--', prompt],
      { app: server.app },
    )
    expect(cli).toMatchObject({ code: 0, stdout: `${out}\n` })
  },
)
