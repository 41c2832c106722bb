/** Runs the command line as its users do: a process of its own, with a data folder of its own. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { ROOT } from './test-app.ts'

export interface Program {
  child: ChildProcess
  /** What it has printed so far. */
  stdout(): string
  stderr(): string
  /** Exit code, or the signal's name. */
  ended: Promise<number | string>
}

export function startProgram(words: string[], options: { dataFolder: string; cwd?: string }): Program {
  const child = spawn(process.execPath, [join(ROOT, 'main/hosts/cli/main.ts'), ...words], {
    cwd: options.cwd ?? options.dataFolder,
    env: { ...process.env, EASEL_HOME: options.dataFolder, EASEL_TOKEN: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a process group of its own, so that a test can send Ctrl+C to all of it
  })
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const ended = once(child, 'close').then(([code, signal]: (number | string)[]) => code ?? signal)
  return { child, stdout: () => stdout, stderr: () => stderr, ended }
}

export async function runProgram(words: string[], options: { dataFolder: string; cwd?: string }) {
  const program = startProgram(words, options)
  const code = await program.ended
  return { code, stdout: program.stdout(), stderr: program.stderr() }
}
