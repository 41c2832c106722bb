/**
 * One JSON file of a golden folder -> its cases. What a file is, is seen from the shape of its records and never from its
 * name, so that a folder with other files of the same format runs as it is. What is not understood becomes a failing case.
 */
import { z } from 'zod'
import { failingCase, parityCase, type ParityCase } from './comparison.ts'
import { functionCases, isFunctionFile } from './functions/index.ts'
import { randomNumberCases, randomNumbersSchema } from './random-numbers.ts'
import { schedulerCase, schedulerCaseSchema } from './scheduler-cases.ts'
import {
  flowScheduleCase,
  flowScheduleSchema,
  noiseScheduleCase,
  noiseScheduleSchema,
  trailingSpacingCases,
  trailingSpacingSchema,
} from './schedules.ts'
import { runTrajectoryCase, type TrajectoryRecord } from './trajectories.ts'

const objectSchema = z.record(z.string(), z.unknown())
type JsonObject = z.infer<typeof objectSchema>

interface Shape {
  /** Fields that only records of this kind have all of. */
  fields: readonly string[]
  cases: (record: JsonObject) => ParityCase[]
}

/** `isTrajectory` cannot check the whole record; what is missing in it shows when it runs. */
const RECORDS: readonly Shape[] = [
  { fields: ['procedure', 'scheduler'], cases: record => [schedulerCase(schedulerCaseSchema.parse(record))] },
  { fields: ['steps', 'timesteps', 'scheduler', 'config'], cases: record => [trajectoryCase(record)] },
  { fields: ['betas_b64'], cases: record => [noiseScheduleCase(noiseScheduleSchema.parse(record))] },
  { fields: ['sigmas_train_b64'], cases: record => [flowScheduleCase(flowScheduleSchema.parse(record))] },
  { fields: ['n_with_extra_step'], cases: record => trailingSpacingCases(trailingSpacingSchema.parse(record)) },
]

export function casesOfGoldenFile(content: unknown): ParityCase[] {
  if (Array.isArray(content)) return content.flatMap((record, i) => casesOfRecord(record, i))
  const object = objectSchema.safeParse(content)
  if (!object.success) return [failingCase('the file', 'neither a list nor an object')]
  if (RECORDS.some(shape => hasShape(object.data, shape))) return casesOfRecord(object.data, 0)
  const randomNumbers = randomNumbersSchema.safeParse(object.data)
  if (randomNumbers.success) return randomNumberCases(randomNumbers.data)
  if (isFunctionFile(object.data)) return functionCases(object.data)
  if (Array.isArray(object.data.cases)) return casesOfGoldenFile(object.data.cases)
  return [failingCase('the file', `an object with ${Object.keys(object.data).join(', ')}`)]
}

function casesOfRecord(record: unknown, index: number): ParityCase[] {
  const object = objectSchema.safeParse(record)
  if (!object.success) return [failingCase(`record ${index}`, 'no object')]
  const name = String(object.data.id ?? object.data.name ?? `record ${index}`)
  const shape = RECORDS.find(candidate => hasShape(object.data, candidate))
  if (!shape) return [failingCase(name, `a record with ${Object.keys(object.data).join(', ')}`)]
  try {
    return shape.cases(object.data)
  } catch (error) {
    return [failingCase(name, error instanceof z.ZodError ? z.prettifyError(error) : String(error))]
  }
}

function hasShape(record: JsonObject, { fields }: Shape): boolean {
  return fields.every(field => field in record)
}

function trajectoryCase(record: JsonObject): ParityCase {
  const trajectory = record as unknown as TrajectoryRecord
  if (trajectory.steps.length > 0 || trajectory.final_f32_base64 !== undefined) {
    return { id: trajectory.id, run: () => runTrajectoryCase(trajectory) }
  }
  // diffusers itself gave nothing finite from the first step on; what is left to compare is the schedule.
  return parityCase(trajectory.id, comparison => {
    const { passed, where, expected, actual } = runTrajectoryCase(trajectory)
    comparison.exact('schedule', true, passed)
    if (!passed) comparison.fail(where, expected, actual)
  })
}
