import { spawn, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdir, open, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { generationInputSchema } from '#contract/generation'
import { readPictureFile } from '#storage/picture-file'
import { createFakeEngine } from '#test/fake-engine'
import { isRunning } from '#test/fork-fake-engine'
import { runProgram, startProgram } from '#test/run-program'
import { scratchFolder } from '#test/scratch-folder'
import { openTestApp, ROOT } from '#test/test-app'
import { runCommand } from '#test/test-terminal'

const small = ['--width', '64', '--height', '96', '--steps', '2']

test('the picture is written where --out says and is in the gallery too', async () => {
  const app = await openTestApp()
  const out = join(app.dataFolder, 'new/deep/apple.png')
  const { code, stdout, stderr } = await runCommand(
    ['generate', 'a red apple', ...small, '--seed', '7', '--out', out],
    { app },
  )
  expect(code).toBe(0)
  expect(stdout).toBe(`${out}\n`)
  expect(stderr).toMatch(/Done in [\d.]+ s, seed 7\./)
  const picture = await readPictureFile(out)
  expect(picture).toMatchObject({ width: 64, height: 96, info: { request: { prompt: 'a red apple', seed: 7 } } })
  const { images } = await app.api.gallery.list({})
  expect(await readFile(await app.imageFile(images[0].id))).toEqual(await readFile(out))
})

test('several pictures get a number each, and without --out their gallery files are named', async () => {
  const app = await openTestApp()
  const out = join(app.dataFolder, 'fox.png')
  const named = await runCommand(['generate', 'a fox', ...small, '--images', '2', '--out', out], { app })
  expect(named.stdout.trim().split('\n')).toEqual([1, 2].map(n => join(app.dataFolder, `fox-${n}.png`)))
  await access(join(app.dataFolder, 'fox-2.png'))
  const unnamed = await runCommand(['generate', 'a fox', ...small], { app })
  expect((await stat(unnamed.stdout.trim())).isFile()).toBe(true)
})

test('--json prints one object with the job and its pictures', async () => {
  const app = await openTestApp()
  const { code, stdout } = await runCommand(['generate', 'x', ...small, '--seed', '3', '--images', '2', '--json'], {
    app,
  })
  expect(code).toBe(0)
  const { ok, value } = JSON.parse(stdout) as { ok: boolean; value: { job: unknown; images: { seed: number }[] } }
  expect(ok).toBe(true)
  expect(value.job).toMatchObject({ state: 'done', request: { prompt: 'x', steps: 2 } })
  expect(value.images.map(image => image.seed)).toEqual([3, 4])
})

test('every field of a request is a flag and in the help, with its limits', async () => {
  const { code, stdout } = await runCommand(['generate', '--help'])
  expect(code).toBe(0)
  const parts = { edit: 'image', hires: 'hires-scale', controls: 'control', refiner: 'refiner', loras: 'lora' }
  for (const field of Object.keys(generationInputSchema.shape)) {
    const flag = (parts as Record<string, string>)[field] ?? field
    expect(stdout).toContain(`--${flag.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)} `)
  }
  expect(stdout).toMatch(/--steps N .*\(1 to 1000\)/)
  expect(stdout).toMatch(/--scheduler NAME .*ddim, euler/)
  expect(stdout).toMatch(/Examples:\n {2}easel generate "/)
})

test('a terminal gets a bar that is replaced, a file gets lines', async () => {
  const engine = createFakeEngine({ stepMs: 5 })
  const app = await openTestApp({ engine })
  const bar = await runCommand(['generate', 'x', ...small, '--images', '2'], { app, isInteractive: true })
  expect(bar.stderr).toMatch(/\r\u001b\[2K[█░]{24} Picture 2 of 2: step 2 of 2/)
  const lines = await runCommand(['generate', 'x', ...small], { app })
  expect(lines.stderr).not.toContain('\u001b')
})

test('a job that fails ends with exit code 1 and its sentence', async () => {
  const failure = new Error('the weights are damaged')
  const app = await openTestApp({ engine: createFakeEngine({ stepMs: 0, failAt: () => failure }) })
  const { code, stdout, stderr } = await runCommand(['generate', 'x', ...small], { app })
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toContain('the weights are damaged')
  expect(stderr).not.toMatch(/\n {4}at /)
})

test('an interrupt ends the job as cancelled with exit code 130 and no file', async () => {
  const app = await openTestApp({ engine: createFakeEngine({ stepMs: 20 }) })
  const interrupt = new AbortController()
  app.events.subscribe(event => {
    if (event.type === 'job' && event.job.progress?.step === 1) interrupt.abort()
  })
  const out = join(app.dataFolder, 'x.png')
  const { code } = await runCommand(['generate', 'x', '--steps', '100', '--out', out], { app, interrupt })
  expect(code).toBe(130)
  expect(await app.api.jobs.list({})).toMatchObject([{ state: 'cancelled', results: [] }])
  await expect(access(out)).rejects.toThrow()
})

test('gallery lists, shows, deletes and restores', async () => {
  const app = await openTestApp()
  await runCommand(['generate', 'a line\nbreak and \u001b[31mred', ...small, '--seed', '5'], { app })
  const [{ id }] = (await app.api.gallery.list({})).images
  const listed = await runCommand(['gallery'], { app })
  expect(listed.stdout).toBe(`${id}  64x96  seed 5  a line break and red\n`)
  expect((await runCommand(['gallery', 'show', id], { app })).stdout).toContain(await app.imageFile(id))
  expect(await runCommand(['gallery', 'delete', id], { app })).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('1 moved to the bin') as unknown,
  })
  expect((await runCommand(['gallery', '--json'], { app })).stdout).toContain('"total":0')
  expect(await runCommand(['gallery', 'restore', id], { app })).toMatchObject({ code: 0 })
  expect(await runCommand(['gallery', 'show', 'nobody'], { app })).toMatchObject({
    code: 2,
    stderr: 'There is no picture "nobody".\n',
  })
})

test('gallery narrows its list as the window does, and what is in the bin can go for good', async () => {
  const app = await openTestApp()
  for (const prompt of ['a red fox', 'a blue cat'])
    await runCommand(['generate', prompt, ...small, '--seed', '5'], { app })
  const list = async (...flags: string[]) =>
    (await runCommand(['gallery', 'list', ...flags], { app })).stdout.trim().split('\n').filter(Boolean)
  const [fox = ''] = (await list('--search', 'red')).map(line => line.split(' ')[0])
  expect(await list('--search', 'fox red')).toHaveLength(1)
  expect(await list('--model', 'nobody')).toHaveLength(0)
  expect(await list('--scheduler', 'ddim')).toHaveLength(2)
  expect(await list('--favourite')).toHaveLength(0)
  expect(await runCommand(['gallery', 'purge', fox], { app })).toMatchObject({
    code: 2,
    stderr: `The picture "${fox}" is not in the bin.\n`,
  })
  const file = await app.imageFile(fox)
  await runCommand(['gallery', 'delete', fox], { app })
  expect(await list('--bin')).toHaveLength(1)
  const emptied = await runCommand(['gallery', 'empty-bin'], { app })
  expect(emptied).toMatchObject({ code: 0, stdout: '1 removed for good.\n' })
  expect(await list('--bin')).toHaveLength(0)
  await expect(access(file)).rejects.toThrow('ENOENT')
})

test('numbers may be written as people write them', async () => {
  const app = await openTestApp()
  const { stdout } = await runCommand(['generate', 'x', ...small, '--guidance', '.5', '--seed', '+7', '--json'], {
    app,
  })
  expect(JSON.parse(stdout)).toMatchObject({ value: { job: { request: { guidance: 0.5, seed: 7 } } } })
})

test('what had to be mended at the start is said by every command', async () => {
  const dataFolder = await scratchFolder()
  for (const words of [['gallery'], ['models', '--json'], ['settings']]) {
    await writeFile(join(dataFolder, 'settings.json'), '{"theme":')
    const { code, stderr } = await runProgram(words, { dataFolder })
    expect(code).toBe(0)
    expect(stderr).toContain('The settings were damaged and start anew')
  }
})

test('a file that is no picture is refused by the flag that named it', async () => {
  const app = await openTestApp()
  const file = join(app.dataFolder, 'notes.txt')
  await writeFile(file, 'no picture')
  const { code, stderr } = await runCommand(['generate', 'a fox', '--image', file], { app })
  expect(code).toBe(2)
  expect(stderr).toMatch(/^--image is a file of another kind; allowed: a picture file/)
})

test('words that the model does not know are said, and the picture is made', async () => {
  const app = await openTestApp()
  const strange = await runCommand(['generate', 'a wizard and a fox in the snow', ...small], { app })
  expect(strange).toMatchObject({ code: 0 })
  expect(strange.stderr).toContain('does not know: wizard.')
  const plain = await runCommand(['generate', 'a fox in the snow', ...small], { app })
  expect(plain.stderr).not.toContain('does not know')
})

test('models lists what is there and shows what it recommends', async () => {
  const app = await openTestApp()
  expect((await runCommand(['models'], { app })).stdout).toMatch(/^starter {2}/)
  expect((await runCommand(['models', 'show', 'starter'], { app })).stdout).toMatch(/recommended .*steps 20/)
  expect(await runCommand(['models', 'show', 'nobody'], { app })).toMatchObject({ code: 2 })
})

test('a real process makes a picture with the starter model and leaves nothing running', async () => {
  const dataFolder = await scratchFolder()
  const words = ['generate', 'a red apple on a blue background', '--seed', '7', '--steps', '4', '--out', 'apple.png']
  const { code, stdout } = await runProgram(words, { dataFolder })
  expect(code).toBe(0)
  expect(stdout).toBe(`${join(dataFolder, 'apple.png')}\n`)
  expect((await readPictureFile(join(dataFolder, 'apple.png')))?.info.request.steps).toBe(4)
})

test('Ctrl+C on a real process leaves no file and no child, and ends with 130', async () => {
  const dataFolder = await scratchFolder()
  await mkdir(join(dataFolder, 'work'))
  const program = startProgram(['generate', 'a red apple', '--steps', '1000', '--out', 'x.png'], {
    dataFolder,
    cwd: join(dataFolder, 'work'),
  })
  await expect.poll(() => program.stderr(), { timeout: 30_000 }).toMatch(/step \d+ of 1000/)
  const log = await readFile(join(dataFolder, 'logs/easel.log'), 'utf8')
  const enginePid = Number(/"enginePid":(\d+)/.exec(log)?.[1])
  expect(isRunning(enginePid)).toBe(true)
  process.kill(-Number(program.child.pid), 'SIGINT') // the terminal sends it to the whole group
  expect(await program.ended).toBe(130)
  expect(isRunning(enginePid)).toBe(false)
  expect(await readdir(join(dataFolder, 'work'))).toEqual([])
  expect(await readdir(join(dataFolder, 'images'))).toEqual([])
})

test.runIf(process.platform === 'linux')(
  'an answer that cannot be written is a failure, a reader that leaves is none',
  async () => {
    const dataFolder = await scratchFolder()
    const full = await open('/dev/full', 'w')
    const run = (words: string[], stdio: StdioOptions) =>
      spawn(process.execPath, [join(ROOT, 'main/hosts/cli/main.ts'), ...words], {
        env: { ...process.env, EASEL_HOME: dataFolder },
        stdio,
      })
    const lost = run(['models', '--json'], ['ignore', full.fd, 'pipe'])
    expect(await once(lost, 'close')).toEqual([1, null])
    await full.close()
    const left = run(['generate', 'a fox', '--steps', '2', '--json'], ['ignore', 'pipe', 'pipe'])
    left.stdout?.destroy()
    left.stderr?.destroy()
    expect(await once(left, 'close')).toEqual([0, null])
    expect(await readdir(join(dataFolder, 'images'))).toHaveLength(1)
    expect(await readdir(join(dataFolder, 'checkpoints'))).toEqual([])
  },
)

test('serve says its address, answers, and ends in good order on Ctrl+C', async () => {
  const dataFolder = await scratchFolder()
  const program = startProgram(['serve', '--port', '0'], { dataFolder })
  await expect.poll(() => program.stdout(), { timeout: 30_000 }).toMatch(/Easel is at http:\/\/127\.0\.0\.1:\d+\n/)
  const url = String(/http:\S+/.exec(program.stdout())?.[0])
  const response = await fetch(`${url}/api/app.info`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })
  expect(await response.json()).toMatchObject({ ok: true, value: { name: 'Easel', host: 'server' } })
  program.child.kill('SIGINT')
  expect(await program.ended).toBe(0)
})

test('several processes may begin on a new data folder at the same moment', async () => {
  const dataFolder = await scratchFolder()
  const runs = await Promise.all([1, 2, 3, 4, 5].map(() => runProgram(['gallery', '--json'], { dataFolder })))
  for (const run of runs) expect(run).toMatchObject({ code: 0, stderr: '' })
})

test('an estimate makes nothing: not measured yet, and after a picture what it takes', async () => {
  const app = await openTestApp({ engine: createFakeEngine({ stepMs: 20 }) })
  const ask = (...more: string[]) => runCommand(['generate', 'a fox', ...small, '--estimate', ...more], { app })
  expect(await ask()).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Not measured yet/) })
  expect((await app.api.jobs.list({})).length).toBe(0)
  await runCommand(['generate', 'a fox', ...small], { app })
  expect((await ask()).stdout).toMatch(/^About \d+\.\d s and \d+ MB of memory, by what was measured/)
  expect(JSON.parse((await ask('--json')).stdout)).toMatchObject({ ok: true, value: { seconds: expect.any(Number) } })
})
