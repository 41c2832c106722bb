/** `generate`: one request, its pictures, done. The pictures are in the gallery like any other, and where `--out` says. */
import { resolve } from 'node:path'
import type { GenerationInput } from '#contract/generation'
import { isJobOver, type JobSnapshot } from '#contract/jobs'
import { AppError, fromErrorPayload } from '#contract/errors'
import { exportPicture } from '#services/picture-export'
import type { App } from '#services/create-app'
import { call } from './call.ts'
import { EXIT, JSON_FLAG, type Command, type CommandContext, type ExitCode } from './command.ts'
import { toFlagWords } from './flag-of-field.ts'
import type { ParsedWords } from './flags.ts'
import { checkOut, outFileOf } from './out-files.ts'
import { EDIT_FLAGS, importEdit, readEditFiles } from './edit-flags.ts'
import { LORA_FLAGS, readLoras } from './lora-flags.ts'
import { importPasses, PASS_FLAGS, readPassFiles } from './pass-flags.ts'
import { describeEstimate } from './describe-estimate.ts'
import { createProgressReport } from './progress-report.ts'
import { REQUEST_FLAGS, toGenerationInput } from './request-flags.ts'
import { describeUnknownWords } from './unknown-words.ts'

export const generate: Command = {
  name: 'generate',
  summary: 'Makes pictures from a prompt',
  usage: '"<prompt>" [flags]',
  flags: [
    {
      name: 'out',
      short: 'o',
      kind: 'text',
      placeholder: 'FILE',
      help: 'write the picture here too (.png); several get -1, -2, ...',
    },
    { name: 'estimate', kind: 'switch', help: 'say how long it would take and how much memory, and make nothing' },
    JSON_FLAG,
    ...REQUEST_FLAGS,
    ...EDIT_FLAGS,
    ...PASS_FLAGS,
    ...LORA_FLAGS,
  ],
  examples: [
    'easel generate "a red apple on a blue background"',
    'easel generate "a fox in the snow" --seed 7 --steps 30 --out fox.png',
    'easel generate "a castle at night" --images 4 --scheduler dpmpp-2m --sigma-schedule karras',
    'easel generate "a hat" --image in.png --mask mask.png --only-masked --strength 0.9',
    'easel generate "a lighthouse" --hires-scale 2 --hires-strength 0.5',
    'easel generate "a house" --control net=controlnet,image=sketch.png,scale=0.8',
    'easel generate "a house" --model my-checkpoint --lora watercolour:0.8',
    'easel generate "a boat" --negative-prompt "clouds" --guidance 6 --json',
    'easel generate "a boat" --images 50 --estimate',
    '',
    'Defaults that a model recommends for itself (size, steps, guidance) come before the ones above; "models show ID" prints them.',
  ],
  run,
}

async function run(words: ParsedWords, context: CommandContext): Promise<ExitCode> {
  const input = { ...toGenerationInput(words), ...readLoras(words) }
  const out = words.flags.get('out')
  if (out !== undefined) await checkOut(String(out), input.images ?? 1)
  const editFiles = await readEditFiles(words)
  const passFiles = await readPassFiles(words)
  const opened = await context.open('cli', !words.flags.has('estimate'))
  try {
    const edit = editFiles === null ? {} : { edit: await importEdit(opened.app, editFiles) }
    const passes = await importPasses(opened.app, passFiles)
    const request = { ...input, ...edit, ...passes }
    if (words.flags.has('estimate')) return await estimate(opened.app, request, words.flags.has('json'), context)
    const job = await runJob(opened.app, request, context)
    const files = await collect(opened.app, job, out === undefined ? null : String(out))
    report(job, files, words.flags.has('json'), context)
    if (job.state === 'cancelled') throw new AppError('cancelled', 'The job was cancelled.')
    if (job.error !== null) throw fromErrorPayload(job.error)
    return EXIT.done
  } catch (thrown) {
    throw toFlagWords(thrown)
  } finally {
    await opened.close()
  }
}

async function estimate(app: App, input: GenerationInput, isJson: boolean, { terminal }: CommandContext) {
  const value = await call(app, 'jobs.estimate', { inputs: [input] })
  terminal.print(isJson ? JSON.stringify({ ok: true, value }) : describeEstimate(value))
  return EXIT.done
}

/** Submits and waits; an interrupt cancels the job, which then ends as cancelled. */
function runJob(app: App, input: GenerationInput, { terminal, interrupt }: CommandContext): Promise<JobSnapshot> {
  const { promise, resolve, reject } = Promise.withResolvers<JobSnapshot>()
  const report = createProgressReport(terminal, Date.now)
  let id: string | null = null
  const unsubscribe = app.events.subscribe(event => {
    if (event.type !== 'job' || (id !== null && event.job.id !== id)) return
    report(event.job)
    if (isJobOver(event.job.state)) resolve(event.job)
  })
  function cancel(): void {
    terminal.status('Stopping ...')
    if (id !== null) call(app, 'jobs.cancel', { id }).catch(reject) // otherwise when the submitted job is known
  }
  interrupt.addEventListener('abort', cancel)
  if (interrupt.aborted) reject(new AppError('cancelled', 'Interrupted before the job began.'))
  else {
    const submitted = call(app, 'jobs.submit', input).then(async job => {
      id = job.id
      if (interrupt.aborted) cancel()
      await sayUnknownWords(app, job, terminal)
    })
    submitted.catch(reject)
  }
  return promise.finally(() => {
    unsubscribe()
    interrupt.removeEventListener('abort', cancel)
  })
}

async function sayUnknownWords(
  app: App,
  { request }: JobSnapshot,
  terminal: CommandContext['terminal'],
): Promise<void> {
  const said = describeUnknownWords(request.prompt, await call(app, 'models.get', { id: request.model }))
  if (said !== null) terminal.say(said)
}

interface MadeFile {
  id: string
  path: string
  width: number
  height: number
  seed: number
}

/** Also of a job that failed or was stopped half-way: finished pictures are kept. */
async function collect(app: App, job: JobSnapshot, out: string | null): Promise<MadeFile[]> {
  const files: MadeFile[] = []
  for (const id of job.results) {
    const { width, height, request } = await call(app, 'gallery.get', { id })
    const own = await app.imageFile(id)
    const path = out === null ? own : outFileOf(out, request.seed - job.request.seed, job.request.images)
    if (out !== null) await exportPicture(own, path)
    files.push({ id, path: resolve(path), width, height, seed: request.seed })
  }
  return files
}

function report(job: JobSnapshot, files: readonly MadeFile[], isJson: boolean, { terminal }: CommandContext): void {
  if (isJson && job.state === 'done') {
    terminal.print(JSON.stringify({ ok: true, value: { job, images: files } }))
    return
  }
  if (!isJson) for (const { path } of files) terminal.print(path)
  if (job.state !== 'done') return
  const seconds = ((job.finishedAt ?? 0) - job.createdAt) / 1000
  terminal.say(`Done in ${seconds.toFixed(1)} s, seed ${job.request.seed}.`)
}
