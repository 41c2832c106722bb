/** What the names of a canvas's pictures stand for; the document holds names only, so that it stays plain data. */

/** A picture of the gallery by its id, or a file from this computer. */
export type BasePicture = { kind: 'image'; id: string } | { kind: 'file'; file: File }

export interface BasePictures {
  nameOf(base: BasePicture): string
  baseOf(name: string): BasePicture
}

export function createBasePictures(): BasePictures {
  const bases = new Map<string, BasePicture>()
  return {
    nameOf(base) {
      const name = base.kind === 'image' ? base.id : `file ${base.file.name} ${base.file.lastModified}`
      bases.set(name, base)
      return name
    },
    baseOf(name) {
      const base = bases.get(name)
      if (base === undefined) throw new Error(`The canvas does not know the picture ${name}.`)
      return base
    },
  }
}
