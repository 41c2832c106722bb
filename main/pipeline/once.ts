/** What is made at the first use and kept: graphs that many runs do without. A making that fails is tried again. */

export function once<T>(make: () => Promise<T>): () => Promise<T> {
  const byName = onceByName(() => make())
  return () => byName('')
}

export function onceByName<T>(make: (name: string) => Promise<T>): (name: string) => Promise<T> {
  const made = new Map<string, Promise<T>>()
  return name => {
    const known = made.get(name)
    if (known) return known
    const making = make(name)
    made.set(name, making)
    making.catch(() => made.delete(name))
    return making
  }
}
