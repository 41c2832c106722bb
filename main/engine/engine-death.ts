/** What is told about an engine process that ended without being asked to. Pure: facts in, one sentence out. */
import { AppError } from '#contract/errors'
import type { EngineEvent } from './engine.ts'

export interface Ending {
  exitCode: number | null
  signal: NodeJS.Signals | null
  /** Set when the process could not even be started. */
  startError: string | null
}

export interface Death extends Ending {
  /** The last lines that it wrote to its error output. */
  output: string
  /** The last thing that it said about the job; null when it had said nothing. */
  lastEvent: EngineEvent | null
}

export function toEngineLost(death: Death): AppError {
  const { exitCode, signal, startError, output } = death
  const message =
    startError === null
      ? `The engine's process stopped unexpectedly ${whenOf(death.lastEvent)} (${causeOf(death)}).${hintOf(death)}`
      : `The engine's process could not be started: ${startError}.`
  return new AppError('engine-lost', message, { details: { exitCode, signal, output, isMemory: isMemory(death) } })
}

function whenOf(event: EngineEvent | null): string {
  switch (event?.type) {
    case 'step':
      return `after step ${event.step} of ${event.steps} of picture ${event.image + 1}`
    case 'phase':
      return `while ${event.phase} picture ${event.image + 1}`
    case 'image':
      return `after picture ${event.result.image + 1}`
    default:
      return 'before it began'
  }
}

function causeOf({ exitCode, signal }: Death): string {
  return signal === null ? `exit code ${exitCode ?? 'unknown'}` : `signal ${signal}`
}

/** What allocators write before they end a process: C++, V8, Node, Electron's. */
const NO_MEMORY = /bad_alloc|out of memory|allocation failed|cannot allocate memory|not enough memory/i
/** STATUS_NO_MEMORY and STATUS_COMMITMENT_LIMIT, with which Windows ends a process that gets no memory. */
const NO_MEMORY_CODES = [0xc0000017, 0xc000012d]

/** SIGKILL that we did not send is what Linux' and macOS' memory killers send; SIGABRT and SIGSEGV are native faults. */
function isMemory({ exitCode, signal, output }: Death): boolean {
  return signal === 'SIGKILL' || NO_MEMORY_CODES.includes(exitCode ?? 0) || NO_MEMORY.test(output)
}

function hintOf(death: Death): string {
  if (!isMemory(death)) return ''
  return death.signal === 'SIGKILL'
    ? ' If nobody ended it, the machine ran out of memory.'
    : ' The machine ran out of memory.'
}
