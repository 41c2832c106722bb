/**
 * One engine process and the questions that it was asked, from fork to exit. Whatever happens, every question gets one
 * answer: the child's own, or an error that says how the child ended. What to do about it is `remote-engine.ts`'s.
 */
import { AppError, fromErrorPayload, toErrorPayload } from '#contract/errors'
import { engineMessageSchema, type EngineCommand, type EngineMessage } from '#contract/engine-messages'
import type { Log } from '#contract/log'
import { parseInput } from '#contract/parse'
import type { EngineEvent } from './engine.ts'
import { toEngineLost, type Ending } from './engine-death.ts'

/** What is used of Node's ChildProcess. */
export interface EngineChild {
  readonly pid?: number | undefined
  readonly stderr: NodeJS.ReadableStream | null
  readonly stdout: NodeJS.ReadableStream | null
  send(message: EngineCommand, callback: (error: Error | null) => void): boolean
  kill(signal: NodeJS.Signals): boolean
  on(event: 'message', listener: (raw: unknown) => void): unknown
  on(event: 'exit', listener: (exitCode: number | null, signal: NodeJS.Signals | null) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
}

export interface EngineConnection {
  readonly pid: number | undefined
  /** Resolves when the process is gone. */
  readonly exited: Promise<unknown>
  ask(command: (call: number) => EngineCommand, onEvent: (event: EngineEvent) => void): Question
  /** At once; every open question is rejected with `reason`. */
  kill(reason: AppError): void
}

export interface Question {
  answer: Promise<Answer>
  cancel(): void
}

/** What ends a question well. */
export type Answer = Extract<EngineMessage, { type: 'done' | 'counted' }>

interface Call {
  settle: (outcome: { answer: Answer } | { error: unknown }) => void
  onEvent: (event: EngineEvent) => void
  lastEvent: EngineEvent | null
}

const OUTPUT_CHARS = 2000

export function connectEngine(child: EngineChild, log: Log): EngineConnection {
  const calls = new Map<number, Call>()
  const { promise: exited, resolve: setExited } = Promise.withResolvers<undefined>()
  const output = collectOutput(child, log)
  let lastNumber = 0
  let killReason: AppError | null = null

  function kill(reason: AppError): void {
    killReason ??= reason
    child.kill('SIGKILL')
  }

  /** A message that cannot be delivered has no consequence of its own: the child is dying, and its exit will be told. */
  function tell(command: EngineCommand): void {
    child.send(command, error => {
      if (error !== null) log.warn('The engine was not reached', { command: command.type, reason: error.message })
    })
  }

  function end(ending: Ending): void {
    log.info('Engine ended', { enginePid: child.pid, ...ending })
    for (const { settle, lastEvent } of calls.values()) {
      settle({ error: killReason ?? toEngineLost({ ...ending, output: output(), lastEvent }) })
    }
    setExited(undefined)
  }

  child.on('message', raw => {
    try {
      hear(calls, parseInput(engineMessageSchema, raw, 'engine message'))
    } catch (thrown) {
      log.error('The engine said something wrong', { ...toErrorPayload(thrown) })
      kill(new AppError('internal', `The engine said something wrong: ${toErrorPayload(thrown).message}`))
    }
  })
  child.on('exit', (exitCode, signal) => end({ exitCode, signal, startError: null }))
  child.on('error', error => {
    if (child.pid === undefined) end({ exitCode: null, signal: null, startError: error.message })
    else log.error('Engine process', { reason: error.message }) // an exit follows
  })

  return {
    pid: child.pid,
    exited,
    kill,
    ask(command, onEvent) {
      const call = ++lastNumber
      const cancel = () => tell({ type: 'cancel', call })
      const { promise: answer, resolve, reject } = Promise.withResolvers<Answer>()
      let listenerError: unknown = null
      calls.set(call, {
        lastEvent: null,
        onEvent(event) {
          if (listenerError !== null) return
          try {
            onEvent(event)
          } catch (thrown) {
            listenerError = thrown // such as a full disk: the rest of the job is of no use
            cancel()
          }
        },
        settle(outcome) {
          calls.delete(call)
          if (listenerError !== null) reject(listenerError)
          else if ('error' in outcome) reject(outcome.error)
          else resolve(outcome.answer)
        },
      })
      tell(command(call))
      return { answer, cancel }
    },
  }
}

function hear(calls: Map<number, Call>, message: EngineMessage): void {
  const call = calls.get(message.call)
  if (call === undefined) throw new AppError('internal', `there is no question ${message.call}`)
  switch (message.type) {
    case 'event':
      if (message.event.type !== 'preview') call.lastEvent = message.event
      call.onEvent(message.event)
      break
    case 'done':
    case 'counted':
      call.settle({ answer: message })
      break
    case 'failed':
      call.settle({ error: fromErrorPayload(message.error) })
  }
}

/** Passes what the child prints to the log, and keeps the tail of its error output for the message about its death. */
function collectOutput(child: EngineChild, log: Log): () => string {
  let tail = ''
  child.stderr?.on('data', (chunk: unknown) => {
    tail = (tail + String(chunk)).slice(-OUTPUT_CHARS)
    log.warn('Engine output', { output: String(chunk).trimEnd() })
  })
  child.stdout?.on('data', (chunk: unknown) => log.debug('Engine output', { output: String(chunk).trimEnd() }))
  return () => tail.trim()
}
