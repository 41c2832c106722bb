/** One call of the application from the command line: through dispatch, as every host does it. */
import type { Argument, MethodName, Result } from '#contract/api'
import { fromErrorPayload } from '#contract/errors'
import { dispatch, type Dispatchable } from '../dispatch.ts'

/** Throws what the application answered with. */
export async function call<M extends MethodName>(
  app: Dispatchable,
  method: M,
  argument: Argument<M>,
): Promise<Result<M>> {
  const reply = await dispatch(app, method, argument)
  if (!reply.ok) throw fromErrorPayload(reply.error)
  return reply.value as Result<M> // dispatch answers with what the service of this method returned
}
