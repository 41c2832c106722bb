/**
 * The supervisor: an Engine whose work is done in a child process. It starts the child when there is something to do,
 * kills it when a cancel stays unheard, and starts another one after it died. It does not try a job again: that needs
 * to know which pictures are finished, and the job runner does.
 */
import { AppError } from '#contract/errors'
import { CANCEL_GRACE_MS } from '#contract/engine-messages'
import type { Log } from '#contract/log'
import type { Engine } from './engine.ts'
import { connectEngine, type Answer, type EngineChild, type EngineConnection } from './engine-connection.ts'

export type { EngineChild }

export interface RemoteEngineOptions {
  fork: () => EngineChild
  log: Log
  /** Tests shorten it. */
  cancelGraceMs?: number
}

export interface RemoteEngine extends Engine {
  /** Starts the process before the first job asks for it. */
  warmUp(): void
  /** Of the living child; null when there is none. */
  readonly pid: number | null
}

export function createRemoteEngine({ fork, log, cancelGraceMs = CANCEL_GRACE_MS }: RemoteEngineOptions): RemoteEngine {
  let living: EngineConnection | null = null
  let isBusy = false
  let isDisposed = false

  function connect(): EngineConnection {
    if (isDisposed) throw new AppError('engine-lost', 'The engine was closed.')
    if (living !== null) return living
    const connection = connectEngine(fork(), log)
    log.info('Engine started', { enginePid: connection.pid })
    void connection.exited.then(() => {
      if (living === connection) living = null
    })
    living = connection
    return connection
  }

  return {
    get pid() {
      return living?.pid ?? null
    },
    warmUp: () => void connect(),
    async generate(job, { signal, onEvent }) {
      if (isBusy) throw new AppError('internal', 'The engine was given a second job while one runs.')
      if (signal.aborted) throw cancelled()
      const connection = connect()
      isBusy = true
      const question = connection.ask(
        call => ({ type: 'generate', call, job: { ...job, loras: [...(job.loras ?? [])], relief: [...job.relief] } }),
        onEvent,
      )
      let grace: NodeJS.Timeout | undefined
      const onAbort = () => {
        question.cancel()
        grace = setTimeout(() => {
          log.warn('A cancel was not heard in time; the engine is stopped', { job: job.id })
          connection.kill(cancelled())
        }, cancelGraceMs)
      }
      signal.addEventListener('abort', onAbort)
      try {
        return expectAnswer(await question.answer, 'done').results
      } finally {
        signal.removeEventListener('abort', onAbort)
        clearTimeout(grace)
        isBusy = false
      }
    },
    async unload() {
      await living?.ask(
        call => ({ type: 'unload', call }),
        () => undefined,
      ).answer
    },
    async countTokens(modelFolder, text) {
      const { answer } = connect().ask(
        call => ({ type: 'count-tokens', call, modelFolder, text }),
        () => undefined,
      )
      return expectAnswer(await answer, 'counted').count
    },
    async makeThumbnail(from, to) {
      const { answer } = connect().ask(
        call => ({ type: 'make-thumbnail', call, from, to }),
        () => undefined,
      )
      expectAnswer(await answer, 'done')
    },
    async dispose() {
      isDisposed = true
      const connection = living
      if (connection === null) return
      connection.kill(new AppError('engine-lost', 'The engine was closed.'))
      await connection.exited
    },
  }
}

function expectAnswer<T extends Answer['type']>(answer: Answer, type: T): Extract<Answer, { type: T }> {
  if (isAnswer(answer, type)) return answer
  throw new AppError('internal', `The engine answered ${answer.type} where ${type} was asked for.`)
}

function isAnswer<T extends Answer['type']>(answer: Answer, type: T): answer is Extract<Answer, { type: T }> {
  return answer.type === type
}

function cancelled(): AppError {
  return new AppError('cancelled', 'The job was cancelled.')
}
