/** Hands the client to the stores: provided once by whoever makes the app (the page, a test). */
import { inject, type InjectionKey } from 'vue'
import type { Client } from '../api.ts'

export const CLIENT: InjectionKey<Client> = Symbol('client')

export function useClient(): Client {
  const client = inject(CLIENT)
  if (client === undefined) throw new Error('No client was provided to the app')
  return client
}
