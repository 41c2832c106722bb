/** Finds the command, runs it, and turns whatever happens into an exit code and a sentence. */
import { AppError, toErrorPayload } from '#contract/errors'
import { ended } from '#contract/parse'
import { sayNotice } from '#contract/notices'
import { call } from './call.ts'
import { EXIT, HELP_FLAG, type Command, type CommandContext, type ExitCode } from './command.ts'
import { editDistance, parseWords } from './flags.ts'
import { gallery } from './gallery.ts'
import { generate } from './generate.ts'
import { commandHelp, programHelp } from './help.ts'
import { models } from './models.ts'
import { serve } from './serve.ts'
import { settings } from './settings.ts'

const COMMANDS: readonly Command[] = [generate, models, gallery, settings, serve]

/** `words` are what stands behind the program's name. */
export async function runCli(words: readonly string[], context: CommandContext, version: string): Promise<ExitCode> {
  const [name, ...rest] = words
  const { terminal } = context
  if (name === '--version') {
    terminal.print(version)
    return EXIT.done
  }
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    terminal.print(programHelp(COMMANDS, version))
    return name === undefined ? EXIT.badInput : EXIT.done
  }
  const command = COMMANDS.find(known => known.name === name)
  if (command === undefined) {
    const known = COMMANDS.map(c => c.name).join(', ')
    terminal.say(`${ended(`There is no command "${name}"${nearestCommand(name)}`)} The commands are ${known}.`)
    return EXIT.badInput
  }
  if (isHelpAsked(rest)) {
    terminal.print(commandHelp(command))
    return EXIT.done
  }
  try {
    return await command.run(parseWords(rest, [...command.flags, HELP_FLAG]), telling(context))
  } catch (thrown) {
    return tellError(thrown, command, rest.includes('--json'), context)
  }
}

/** What happened at the start (a database that was rebuilt, a setting that was mended) is said whatever the command. */
function telling(context: CommandContext): CommandContext {
  return {
    ...context,
    async open(host, isJobComing) {
      const opened = await context.open(host, isJobComing)
      const { notices } = await call(opened.app, 'app.info', {})
      for (const notice of notices) context.terminal.say(sayNotice(notice))
      return opened
    },
  }
}

/** "--help" behind "--" is a prompt. */
function isHelpAsked(words: readonly string[]): boolean {
  const end = words.indexOf('--')
  return words.slice(0, end === -1 ? words.length : end).some(word => word === '--help' || word === '-h')
}

function tellError(
  thrown: unknown,
  command: Command,
  isJson: boolean,
  { terminal, interrupt }: CommandContext,
): ExitCode {
  const error = toErrorPayload(thrown)
  if (isJson) terminal.print(JSON.stringify({ ok: false, error }))
  if (error.code === 'cancelled' || interrupt.aborted) {
    if (!isJson) terminal.say('Interrupted.')
    return EXIT.interrupted
  }
  if (!isJson) {
    terminal.say(error.message)
    if (!(thrown instanceof AppError) && thrown instanceof Error && thrown.stack !== undefined)
      terminal.say(thrown.stack)
    if (error.code === 'invalid-input') terminal.say(`"${command.name} --help" explains the flags.`)
  }
  // To name something that does not exist is bad input here; the application cannot know who made the name up.
  return error.code === 'invalid-input' || error.code === 'not-found' ? EXIT.badInput : EXIT.failed
}

function nearestCommand(name: string): string {
  const nearest = COMMANDS.find(command => editDistance(command.name, name) <= 2)
  return nearest === undefined ? '' : `; did you mean "${nearest.name}"?`
}
