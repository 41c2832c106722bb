/** Hands pictures to the host, which keeps them under their content; a request names them by the id that comes back. */
import type { Client } from '../../api.ts'
import type { BasePicture } from '../../stores/base-pictures.ts'
import { toBase64 } from '../../ui/to-base64.ts'

export async function send(client: Client, file: Blob): Promise<string> {
  return (await client.call('sources.import', { base64: await toBase64(file) })).id
}

/** One of the gallery never travels: the host has it. */
export async function sendPicture(client: Client, base: BasePicture): Promise<string> {
  if (base.kind === 'file') return send(client, base.file)
  return (await client.call('sources.fromImage', { id: base.id })).id
}
