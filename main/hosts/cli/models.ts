/** `models list | show ID | check DIR`: what is there, what it recommends, and why something cannot be used. */
import { resolve } from 'node:path'
import type { ModelSummary } from '#contract/models'
import { invalidInput, showValue } from '#contract/parse'
import { checkModelFolder } from '#services/check-model'
import { call } from './call.ts'
import { EXIT, JSON_FLAG, type Command, type CommandContext, type ExitCode } from './command.ts'
import { describeVerdict } from './describe-verdict.ts'
import type { ParsedWords } from './flags.ts'

export const models: Command = {
  name: 'models',
  summary: 'Lists the models, shows one, or checks a folder',
  usage: '[list | show ID | check FOLDER] [flags]',
  flags: [JSON_FLAG],
  examples: ['easel models', 'easel models show starter', 'easel models check ~/downloads/some-model-onnx'],
  run,
}

async function run({ flags, rest }: ParsedWords, context: CommandContext): Promise<ExitCode> {
  const [verb = 'list', subject, ...more] = rest
  const isJson = flags.has('json')
  const isAlone = verb === 'list'
  if (!['list', 'show', 'check'].includes(verb) || more.length > 0 || (subject === undefined) !== isAlone) {
    throw invalidInput([{ path: 'models', value: showValue(rest.join(' ')), allowed: 'list, show ID or check FOLDER' }])
  }
  if (verb === 'check') return check(resolve(subject), isJson, context)
  const opened = await context.open('cli', false)
  try {
    const found =
      subject === undefined
        ? await call(opened.app, 'models.list', {})
        : [await call(opened.app, 'models.get', { id: subject })]
    if (isJson) context.terminal.print(JSON.stringify({ ok: true, value: subject === undefined ? found : found[0] }))
    else if (subject === undefined) printList(found, context)
    else for (const model of found) printModel(model, context)
    return EXIT.done
  } finally {
    await opened.close()
  }
}

async function check(folder: string, isJson: boolean, { terminal }: CommandContext): Promise<ExitCode> {
  const verdict = await checkModelFolder(folder)
  if (isJson) terminal.print(JSON.stringify({ ok: true, value: verdict }))
  else for (const line of describeVerdict(verdict)) terminal.print(line)
  return verdict.usable ? EXIT.done : EXIT.failed
}

function printList(found: readonly ModelSummary[], { terminal }: CommandContext): void {
  if (found.length === 0) terminal.say('No models. Put a folder with a Diffusers ONNX model into the models folder.')
  const width = Math.max(0, ...found.map(model => model.id.length))
  for (const model of found) {
    const size = model.nativeSize === null ? '' : `, ${model.nativeSize[1]} x ${model.nativeSize[0]}`
    const state = model.problem === null ? '' : `  cannot be used: ${model.problem.message}`
    terminal.print(`${model.id.padEnd(width)}  ${model.name} (${megabytes(model)}${size})${state}`)
  }
}

function printModel(model: ModelSummary, { terminal }: Pick<CommandContext, 'terminal'>): void {
  const { recommended, nativeSize, examples } = model
  const facts: [string, string][] = [
    ['id', model.id],
    ['name', model.name],
    ['description', model.description ?? ''],
    ['licence', model.licence ?? 'not said'],
    ['attribution', model.attribution.join('; ')],
    ['size on disk', megabytes(model)],
    ['trained at', nativeSize === null ? 'not said' : `${nativeSize[1]} x ${nativeSize[0]}`],
    ['renders at', `multiples of ${model.sizeMultiple}; other sizes are cropped from the next one`],
    [
      'recommended',
      Object.entries(recommended)
        .map(([field, value]) => `${field} ${value}`)
        .join(', '),
    ],
    ['autoencoders', model.vaes.join(', ')],
    ['try', examples.map(example => `"${example}"`).join(', ')],
    ['problem', model.problem?.message ?? ''],
  ]
  for (const [fact, value] of facts) if (value !== '') terminal.print(`${fact.padEnd(13)} ${value}`)
}

function megabytes({ sizeBytes }: ModelSummary): string {
  return `${(sizeBytes / 1e6).toFixed(1)} MB`
}
