/** The help texts, made from the commands and their flags. Pure. */
import { HELP_FLAG, type Command } from './command.ts'
import type { FlagSpec } from './flags.ts'

export function programHelp(commands: readonly Command[], version: string): string {
  const width = Math.max(...commands.map(command => command.name.length))
  return [
    `Easel ${version}: makes pictures from words, on this machine.`,
    '',
    'Usage: easel <command> [...]      (in a checkout: npm run <command> -- [...])',
    '',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'easel <command> --help explains a command. Exit codes: 0 done, 1 failed, 2 bad input, 130 interrupted.',
  ].join('\n')
}

export function commandHelp({ name, summary, usage, flags, examples }: Command): string {
  const heads = [...flags, HELP_FLAG].map(headOf)
  const width = Math.max(...heads.map(head => head.length))
  return [
    `easel ${name} ${usage}`,
    '',
    `${summary}.`,
    '',
    ...[...flags, HELP_FLAG].map(({ help }, i) => `  ${heads[i].padEnd(width)}  ${help}`),
    ...(examples.length === 0 ? [] : ['', 'Examples:', ...examples.map(example => `  ${example}`)]),
  ].join('\n')
}

function headOf({ name, short, kind, placeholder = 'VALUE' }: FlagSpec): string {
  return `${short === undefined ? '' : `-${short}, `}--${name}${kind === 'switch' ? '' : ` ${placeholder}`}`
}
