/**
 * The one way from a host into the application: (method, raw argument) -> parse -> service -> Reply. It never throws;
 * whatever goes wrong comes back as `{ ok: false, error }`.
 */
import type { z } from 'zod'
import type { Api, MethodName, Reply } from '#contract/api'
import { AppError, toErrorPayload } from '#contract/errors'
import { isMethodName, METHODS } from '#contract/methods'
import { parseInput } from '#contract/parse'

/** What dispatch needs of the application. */
export interface Dispatchable {
  api: Api
}

export async function dispatch(app: Dispatchable, method: string, raw: unknown): Promise<Reply> {
  try {
    if (!isMethodName(method)) throw new AppError('not-found', `There is no method "${method}".`)
    const schema: z.ZodType = METHODS[method]
    return { ok: true, value: await call(app.api, method, parseInput(schema, raw)) }
  } catch (thrown) {
    return { ok: false, error: toErrorPayload(thrown) }
  }
}

/** The argument has just been parsed by the method's own schema, which is all that the service's type asks for. */
async function call(api: Api, method: MethodName, argument: unknown): Promise<unknown> {
  const [service, name] = method.split('.')
  const functions = propertyOf(api, service)
  const found = propertyOf(functions, name)
  if (typeof found !== 'function') throw new AppError('internal', `The method "${method}" has no service.`)
  return Reflect.apply(found, functions, [argument])
}

function propertyOf(object: unknown, name: string): unknown {
  if (typeof object !== 'object' || object === null) return undefined
  return new Map<string, unknown>(Object.entries(object)).get(name)
}
