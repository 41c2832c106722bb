/**
 * What ONNX Runtime says when it fails, in the application's own words: the machine's fault (out of memory), the files'
 * (missing, corrupt) or the graph's (incompatible). Told apart by its messages, the only thing that it gives.
 */
import { AppError, type ErrorCode } from '#contract/errors'

interface Kind {
  code: ErrorCode
  pattern: RegExp
  say: (file: string) => string
}

const KINDS: readonly Kind[] = [
  {
    code: 'out-of-memory',
    pattern:
      /failed to allocate memory|bad_alloc|out of memory|bad allocation|OUT_OF_DEVICE_MEMORY|array buffer allocation failed/i,
    say: file => `There was not enough memory for ${file}.`,
  },
  {
    code: 'model-missing',
    pattern: /external data|filesystem error|External initializer|model_path must not be empty/i,
    say: file => `A weight file that ${file} refers to is missing or damaged.`,
  },
  {
    code: 'model-missing',
    pattern: /file doesn't exist|NO_SUCHFILE|No such file/i,
    say: file => `${file} does not exist.`,
  },
  {
    code: 'model-corrupt',
    pattern: /protobuf parsing failed|INVALID_PROTOBUF|ModelProto does not have a graph|invalid model/i,
    say: file => `${file} is damaged: it is not a whole ONNX graph. Download it again.`,
  },
  {
    code: 'model-incompatible',
    pattern: /is not a registered function\/op|could not find an implementation|NOT_IMPLEMENTED/i,
    say: file => `${file} uses an operator that the CPU runtime does not have.`,
  },
  {
    code: 'model-incompatible',
    pattern: /opset|IR_VERSION|IR version/i,
    say: file => `${file} was written for a newer version of ONNX than this Easel knows.`,
  },
]

/** Anything that ONNX Runtime threw -> AppError with the file and the runtime's own words in the details. */
export function toOrtError(error: unknown, context: { file: string; while: 'loading' | 'running' }): AppError {
  const reason = error instanceof Error ? error.message : String(error)
  const kind = KINDS.find(({ pattern }) => pattern.test(reason))
  const message = kind
    ? kind.say(context.file)
    : `ONNX Runtime failed while ${context.while} ${context.file}: ${reason}`
  return new AppError(kind?.code ?? 'model-incompatible', message, { details: { ...context, reason }, cause: error })
}
