/**
 * Reads a pickle without running it: the opcodes that data is made of, and of Python's names only those on a list, which
 * become plain values here. Anything else is refused (https://docs.python.org/3/library/pickletools.html).
 */
export type PickleValue =
  null | boolean | number | string | PickleValue[] | Map<PickleValue, PickleValue> | PickleObject

/** A call of an allowed name, or a thing that lies elsewhere (`persistent`). */
export interface PickleObject {
  kind: 'call' | 'name' | 'persistent'
  name: string
  args: PickleValue[]
}

const MARK = Symbol('mark')
const MAX_STEPS = 1_000_000

/** `allowed` are "module.name". Throws `RangeError` for what is cut off, `TypeError` for what is not allowed. */
export function readPickle(bytes: Uint8Array, allowed: ReadonlySet<string>): PickleValue {
  return new Unpickler(bytes, allowed).run()
}

class Unpickler {
  private readonly bytes: Uint8Array
  private readonly view: DataView
  private readonly allowed: ReadonlySet<string>
  private position = 0
  private readonly stack: (PickleValue | typeof MARK)[] = []
  private readonly memo = new Map<number, PickleValue>()

  constructor(bytes: Uint8Array, allowed: ReadonlySet<string>) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.allowed = allowed
  }

  run(): PickleValue {
    for (let step = 0; step < MAX_STEPS; step++) {
      const code = String.fromCharCode(this.view.getUint8(this.position++))
      if (code === '.') return this.pop()
      if (!this.constant(code) && !this.container(code)) this.rest(code)
    }
    throw new TypeError('it does not end')
  }

  /** Numbers, texts and what stands for nothing. */
  private constant(code: string): boolean {
    if (code === 'N') this.stack.push(null)
    else if (code === '\x88' || code === '\x89') this.stack.push(code === '\x88')
    else if (code === 'K') this.stack.push(this.take(1).getUint8(0))
    else if (code === 'M') this.stack.push(this.take(2).getUint16(0, true))
    else if (code === 'J') this.stack.push(this.take(4).getInt32(0, true))
    else if (code === 'G') this.stack.push(this.take(8).getFloat64(0, false))
    else if (code === '\x8a') this.stack.push(this.long())
    else if (code === 'X' || code === 'T') this.stack.push(this.text(this.take(4).getUint32(0, true)))
    else if (code === 'U' || code === '\x8c') this.stack.push(this.text(this.take(1).getUint8(0)))
    else return false
    return true
  }

  private container(code: string): boolean {
    if (code === '}') this.stack.push(new Map())
    else if (code === ']' || code === ')') this.stack.push([])
    else if (code === '(') this.stack.push(MARK)
    else if (code === 't' || code === 'l') this.stack.push(this.popToMark())
    else if (code >= '\x85' && code <= '\x87') this.stack.push(this.popMany(code.charCodeAt(0) - 0x84))
    else if (code === 's') this.setItems(this.popMany(2))
    else if (code === 'u') this.setItems(this.popToMark())
    else if (code === 'a') this.append(this.popMany(1))
    else if (code === 'e') this.append(this.popToMark())
    else return false
    return true
  }

  private rest(code: string): void {
    if (code === '\x80') this.take(1)
    else if (code === 'q') this.memo.set(this.take(1).getUint8(0), this.top())
    else if (code === 'r') this.memo.set(this.take(4).getUint32(0, true), this.top())
    else if (code === 'h') this.stack.push(this.recall(this.take(1).getUint8(0)))
    else if (code === 'j') this.stack.push(this.recall(this.take(4).getUint32(0, true)))
    else if (code === 'c')
      this.stack.push({ kind: 'name', name: this.allowedName(`${this.line()}.${this.line()}`), args: [] })
    else if (code === 'Q') this.stack.push({ kind: 'persistent', name: '', args: toList(this.pop()) })
    else if (code === 'R') this.call()
    else if (code === 'b')
      this.pop() // the state of an object that is of no interest
    else throw new TypeError(`it uses the instruction ${JSON.stringify(code)}`)
  }

  private call(): void {
    const args = toList(this.pop())
    const target = this.pop()
    if (!isObject(target) || target.kind !== 'name') throw new TypeError('it calls something that is no name')
    this.stack.push(target.name === 'collections.OrderedDict' ? new Map() : { kind: 'call', name: target.name, args })
  }

  private allowedName(name: string): string {
    if (this.allowed.has(name)) return name
    throw new TypeError(`it names ${name}, which could run code`)
  }

  private setItems(pairs: PickleValue[]): void {
    const target = this.top()
    if (!(target instanceof Map)) throw new TypeError('it sets an item of something that has none')
    for (let i = 0; i + 1 < pairs.length; i += 2) target.set(pairs[i] ?? null, pairs[i + 1] ?? null)
  }

  private append(items: PickleValue[]): void {
    const target = this.top()
    if (!Array.isArray(target)) throw new TypeError('it appends to something that is no list')
    target.push(...items)
  }

  private recall(key: number): PickleValue {
    const value = this.memo.get(key)
    if (value === undefined) throw new TypeError('it recalls what was never stored')
    return value
  }

  private top(): PickleValue {
    const value = this.stack.at(-1)
    if (value === undefined || value === MARK) throw new TypeError('it takes from an empty stack')
    return value
  }

  private pop(): PickleValue {
    const value = this.top()
    this.stack.pop()
    return value
  }

  private popMany(count: number): PickleValue[] {
    return Array.from({ length: count }, () => this.pop()).reverse()
  }

  private popToMark(): PickleValue[] {
    const start = this.stack.lastIndexOf(MARK)
    if (start < 0) throw new TypeError('it closes what was not opened')
    const items = this.stack.splice(start).slice(1)
    return items.filter(item => item !== MARK)
  }

  private take(length: number): DataView {
    const start = this.position
    this.position += length
    return new DataView(this.bytes.buffer, this.bytes.byteOffset + start, length)
  }

  private text(length: number): string {
    const { buffer, byteOffset, byteLength } = this.take(length)
    return new TextDecoder().decode(new Uint8Array(buffer, byteOffset, byteLength))
  }

  private line(): string {
    const end = this.bytes.indexOf(10, this.position)
    if (end < 0) throw new RangeError('it ends in a name')
    const line = this.text(end - this.position)
    this.position++
    return line
  }

  private long(): number {
    const bytes = this.take(this.take(1).getUint8(0))
    let value = 0
    for (let i = bytes.byteLength - 1; i >= 0; i--) value = value * 256 + bytes.getUint8(i)
    return value
  }
}

export function isObject(value: PickleValue): value is PickleObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Map)
}

function toList(value: PickleValue): PickleValue[] {
  return Array.isArray(value) ? value : [value]
}
