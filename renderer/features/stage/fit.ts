/** How large a picture stands in its room: enlarged alone by whole numbers only, so that no pixel is wider than its neighbour. */

export interface Box {
  width: number
  height: number
}

export interface Fit extends Box {
  scale: number
}

export function fitPicture(picture: Box, room: Box, fills = false): Fit {
  const free = Math.max(0, Math.min(room.width / picture.width, room.height / picture.height))
  const scale = free >= 1 && !fills ? Math.floor(free) : free
  return { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale), scale }
}

/** Columns of a grid of `count` pictures of one shape that lets them stand largest. */
export function gridColumns(count: number, picture: Box, room: Box): number {
  let best = { columns: 1, size: 0 }
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns)
    const size = Math.min(room.width / columns / picture.width, room.height / rows / picture.height)
    if (size > best.size) best = { columns, size }
  }
  return best.columns
}
