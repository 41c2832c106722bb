/**
 * Reads what an ONNX file says about itself and nothing of its weights: versions, inputs and outputs, the names and shapes
 * of the weights, which operators occur. It judges nothing but whether the file is whole.
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
import { AppError } from '#contract/errors'
import type { ByteSource } from './byte-source.ts'
import { recogniseOther } from './recognise-other.ts'
import type { GraphValue, Initializer, OnnxHeader, OperatorUse } from './onnx-types.ts'
import { ProtoReader, type Field, type Message } from './proto-reader.ts'
import { readTensor, readValue } from './read-values.ts'

const MAX_GRAPH_DEPTH = 50
const MAX_ENTRIES = 1_000_000

/** Throws `model-corrupt` naming file and offset. */
export async function readOnnxHeader(source: ByteSource): Promise<OnnxHeader> {
  const other = recogniseOther(source.size, await source.read(0, 512))
  if (other !== null) {
    throw new AppError('model-corrupt', `${source.name} is ${other.what}. ${other.remedy}`, {
      details: { file: source.name, offset: 0, size: source.size, expected: 'an ONNX graph', actual: other.what },
    })
  }
  return new HeaderReader(source).read()
}

class HeaderReader {
  private readonly reader: ProtoReader
  private irVersion = 0
  private producer = { name: '', version: '' }
  private readonly opsets = new Map<string, number>()
  private readonly inputs: GraphValue[] = []
  private readonly outputs: GraphValue[] = []
  private readonly initializers: Initializer[] = []
  private readonly operators = new Map<string, OperatorUse>()
  private readonly functions = new Set<string>()
  private entries = 0
  private hasGraph = false

  constructor(source: ByteSource) {
    this.reader = new ProtoReader(source)
  }

  async read(): Promise<OnnxHeader> {
    await this.eachField(this.reader.file(), field => this.modelField(field))
    if (!this.hasGraph) throw this.reader.corrupt(this.reader.source.size, 'there is no graph in it')
    const weights = new Set(this.initializers.map(initializer => initializer.name))
    return {
      irVersion: this.irVersion,
      producer: `${this.producer.name} ${this.producer.version}`.trim(),
      opsets: this.opsets,
      inputs: this.inputs.filter(input => !weights.has(input.name)),
      outputs: this.outputs,
      initializers: this.initializers,
      operators: [...this.operators.values()],
      functions: this.functions,
    }
  }

  private async modelField(field: Field): Promise<void> {
    switch (field.number) {
      case 1:
        this.irVersion = field.value ?? this.irVersion
        break
      case 2:
        this.producer.name = await this.reader.text(field)
        break
      case 3:
        this.producer.version = await this.reader.text(field)
        break
      case 7:
        this.hasGraph = field.bytes !== null
        await this.graph(field, 0)
        break
      case 8:
        await this.opset(field)
        break
      case 25:
        await this.localFunction(field)
        break
    }
  }

  private async graph(graph: Field, depth: number): Promise<void> {
    if (depth > MAX_GRAPH_DEPTH) throw this.reader.corrupt(graph.bytes?.start ?? 0, 'graphs lie too deep in each other')
    await this.eachField(toMessage(graph), async field => {
      if (field.number === 1) await this.node(field, depth)
      else if (field.number === 5) this.initializers.push(this.counted(await readTensor(this.reader, field)))
      else if (field.number === 11 && depth === 0) this.inputs.push(this.counted(await readValue(this.reader, field)))
      else if (field.number === 12 && depth === 0) this.outputs.push(this.counted(await readValue(this.reader, field)))
    })
  }

  private async node(node: Field, depth: number): Promise<void> {
    let [type, domain, name] = ['', '', '']
    await this.eachField(toMessage(node), async field => {
      if (field.number === 3) name = await this.reader.text(field)
      else if (field.number === 4) type = await this.reader.text(field)
      else if (field.number === 7) domain = await this.reader.text(field)
      else if (field.number === 5) await this.attribute(field, depth)
    })
    if (domain === 'ai.onnx') domain = '' // two names of one domain
    const key = `${domain}::${type}`
    const known = this.operators.get(key)
    const use = known ?? this.counted({ domain, type, count: 0, firstNode: name })
    this.operators.set(key, { ...use, count: use.count + 1 })
  }

  /** Attributes matter for the graphs inside them (If, Loop), whose operators count too. */
  private async attribute(attribute: Field, depth: number): Promise<void> {
    await this.eachField(toMessage(attribute), async field => {
      if (field.number === 6 || field.number === 11) await this.graph(field, depth + 1)
    })
  }

  private async opset(opset: Field): Promise<void> {
    let [domain, version] = ['', 0]
    await this.eachField(toMessage(opset), async field => {
      if (field.number === 1) domain = await this.reader.text(field)
      else if (field.number === 2) version = field.value ?? version
    })
    this.opsets.set(domain === 'ai.onnx' ? '' : domain, this.counted(version))
  }

  private async localFunction(definition: Field): Promise<void> {
    let [name, domain] = ['', '']
    await this.eachField(toMessage(definition), async field => {
      if (field.number === 1) name = await this.reader.text(field)
      else if (field.number === 10) domain = await this.reader.text(field)
      else if (field.number === 7) await this.node(field, 0)
    })
    this.functions.add(this.counted(`${domain}::${name}`))
  }

  private async eachField(message: Message, visit: (field: Field) => Promise<void>): Promise<void> {
    for (let field = await this.reader.next(message); field !== null; field = await this.reader.next(message)) {
      await visit(field)
    }
  }

  /** Bounds what is kept, whatever the file holds. */
  private counted<T>(entry: T): T {
    if (++this.entries > MAX_ENTRIES) throw this.reader.corrupt(0, `it lists more than ${MAX_ENTRIES} things`)
    return entry
  }
}

function toMessage({ bytes }: Field): Message {
  return bytes === null ? { position: 0, end: 0 } : { position: bytes.start, end: bytes.end }
}
